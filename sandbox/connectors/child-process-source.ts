/** Any real Airbyte source: a command that speaks the protocol on its standard output. */
import { type ConnectorCommand, runConnector } from './connector-process';
import {
  type AirbyteMessage,
  type CheckResult,
  type ConnectorConfiguration,
  ConnectorError,
  type ProtocolStream,
  type SourceConnector,
  type StatePayload,
} from './protocol';
import { secretValues, withoutSecrets } from './secret-values';

/** Makes a source of a connector's command. Its specification is asked for once. */
export function createChildProcessSource(command: ConnectorCommand): SourceConnector {
  let specification: Promise<Record<string, unknown>> | undefined;

  const readSpecification = async (): Promise<Record<string, unknown>> => {
    const messages = runConnector(command, 'spec', {}, new AbortController().signal);
    for (const message of await collect(messages)) {
      if (message.type === 'SPEC') return message.spec.connectionSpecification;
    }
    throw new ConnectorError(`${command.command.join(' ')} spec gave no specification`);
  };
  const spec = (): Promise<Record<string, unknown>> => {
    specification ??= readSpecification().catch((error: unknown) => {
      specification = undefined;
      throw error;
    });
    return specification;
  };

  /** Runs one command with the configuration; what the connector says comes without its secrets. */
  async function* run(
    protocolCommand: string,
    config: ConnectorConfiguration,
    files: Record<string, unknown>,
    signal: AbortSignal,
  ): AsyncGenerator<AirbyteMessage> {
    const secrets = secretValues(await spec(), config);
    try {
      for await (const message of runConnector(command, protocolCommand, { config, ...files }, signal)) {
        yield masked(message, secrets);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ConnectorError)) throw error;
      throw new ConnectorError(withoutSecrets(error.message, secrets), error.failureType);
    }
  }

  return {
    spec,

    async check(config, signal): Promise<CheckResult> {
      try {
        for (const message of await collect(run('check', config, {}, signal))) {
          if (message.type === 'CONNECTION_STATUS') return message.connectionStatus;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ConnectorError)) throw error;
        return { status: 'FAILED', message: error.message };
      }
      return { status: 'FAILED', message: 'the connector gave no answer to the check' };
    },

    async discover(config, signal): Promise<ProtocolStream[]> {
      for (const message of await collect(run('discover', config, {}, signal))) {
        if (message.type === 'CATALOG') return message.catalog.streams;
      }
      throw new ConnectorError('the connector gave no catalog');
    },

    read: (config, catalog, state, signal) =>
      run('read', config, { catalog, ...(state.length > 0 && { state: stateFile(state as StatePayload[]) }) }, signal),
  };
}

/** Everything a connector says to a short question. Read to its end, so that how it ended is known. */
async function collect(messages: AsyncIterable<AirbyteMessage>): Promise<AirbyteMessage[]> {
  const answers: AirbyteMessage[] = [];
  for await (const message of messages) {
    if (message.type !== 'LOG' && message.type !== 'RECORD') answers.push(message);
  }
  return answers;
}

/** The state as the protocol hands it back: a list, but an old connector's one document as it was. */
function stateFile(state: StatePayload[]): unknown {
  const [first] = state;
  return first && (first.type === undefined || first.type === 'LEGACY') ? first.data : state;
}

function masked(message: AirbyteMessage, secrets: string[]): AirbyteMessage {
  if (message.type === 'RECORD' || message.type === 'STATE' || secrets.length === 0) return message;
  return JSON.parse(JSON.stringify(message), (_key, value: unknown) =>
    typeof value === 'string' ? withoutSecrets(value, secrets) : value,
  ) as AirbyteMessage;
}
