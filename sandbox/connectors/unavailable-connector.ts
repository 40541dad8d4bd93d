import {
  type AirbyteMessage,
  type CheckResult,
  ConnectorError,
  type DestinationConnector,
  type SourceConnector,
} from './protocol';

/** A connector that lists contain but that cannot run: Airbyte has it, the sandbox does not. */
export function createUnavailableConnector(name: string): SourceConnector & DestinationConnector {
  const reason = `the sandbox lists the connector "${name}" but cannot run it`;
  const reject = (): AsyncIterable<AirbyteMessage> => {
    throw new ConnectorError(reason, 'config_error');
  };
  return {
    spec: async () => ({ type: 'object', properties: {}, additionalProperties: true }),
    check: async (): Promise<CheckResult> => ({ status: 'FAILED', message: reason }),
    discover: async () => {
      throw new ConnectorError(reason, 'config_error');
    },
    read: reject,
    write: reject,
  };
}
