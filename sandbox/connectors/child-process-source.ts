/** A real Airbyte source, which runs as a command and writes the protocol to its standard output. */
import { type ConnectorCommand, runConnector } from './connector-process';
import { ExactNumber } from './exact-json';
import {
  type AirbyteMessage,
  type CheckResult,
  type ConnectorConfiguration,
  ConnectorError,
  configurationToSave,
  type ProtocolStream,
  type SaveConfiguration,
  type SourceConnector,
  type StatePayload,
} from './protocol';
import { isObject } from './secret-paths';
import { secretValues, withoutSecrets } from './secret-values';

/** Creates a source that runs a connector's command. The connector is asked for its specification once. */
export function createChildProcessSource(command: ConnectorCommand): SourceConnector {
  let specification: Promise<Record<string, unknown>> | undefined;

  const readSpecification = async (): Promise<Record<string, unknown>> => {
    const messages = runConnector(command, 'spec', {}, new AbortController().signal);
    for (const message of await collect(messages)) {
      if (message.type === 'SPEC') return message.spec.connectionSpecification;
    }
    throw new ConnectorError(`${command.command.join(' ')} spec returned no specification`);
  };
  const spec = (): Promise<Record<string, unknown>> => {
    specification ??= readSpecification().catch((error: unknown) => {
      specification = undefined;
      throw error;
    });
    return specification;
  };

  /** Runs one protocol command with the configuration, and masks the secrets in what the connector writes. */
  async function* run(
    protocolCommand: string,
    config: ConnectorConfiguration,
    files: Record<string, unknown>,
    signal: AbortSignal,
  ): AsyncGenerator<AirbyteMessage> {
    const specification = await spec();
    const secrets = new Set(secretValues(specification, config));
    const mask = (text: string) => withoutSecrets(text, [...secrets]);
    try {
      for await (const message of runConnector(command, protocolCommand, { config, ...files }, signal, mask)) {
        const renewed = configurationToSave(message);
        for (const secret of renewed ? secretValues(specification, renewed) : []) secrets.add(secret);
        yield masked(message, mask);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ConnectorError)) throw error;
      throw new ConnectorError(mask(error.message), error.failureType);
    }
  }

  return {
    spec,

    async check(config, signal, save): Promise<CheckResult> {
      try {
        for (const message of await collect(run('check', config, {}, signal), save)) {
          if (message.type === 'CONNECTION_STATUS') return message.connectionStatus;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ConnectorError)) throw error;
        return { status: 'FAILED', message: error.message };
      }
      return { status: 'FAILED', message: 'the connector did not report the result of the check' };
    },

    async discover(config, signal, save): Promise<ProtocolStream[]> {
      for (const message of await collect(run('discover', config, {}, signal), save)) {
        if (message.type === 'CATALOG') return message.catalog.streams;
      }
      throw new ConnectorError('the connector returned no catalog');
    },

    read: (config, catalog, state, signal) =>
      run('read', config, { catalog, ...(state.length > 0 && { state: stateFile(state as StatePayload[]) }) }, signal),
  };
}

/** Collects all messages of a short command. It reads to the end, so that an error at the end is not missed. */
async function collect(messages: AsyncIterable<AirbyteMessage>, save?: SaveConfiguration): Promise<AirbyteMessage[]> {
  const collected: AirbyteMessage[] = [];
  for await (const message of messages) {
    const renewed = configurationToSave(message);
    if (renewed) await save?.(renewed);
    if (message.type !== 'LOG' && message.type !== 'RECORD') collected.push(message);
  }
  return collected;
}

/** The state in the protocol's form: a list, or the single document of a legacy connector. */
function stateFile(state: StatePayload[]): unknown {
  const [first] = state;
  return first && (first.type === undefined || first.type === 'LEGACY') ? first.data : state;
}

function masked(message: AirbyteMessage, mask: (text: string) => string): AirbyteMessage {
  if (['RECORD', 'STATE', 'CONTROL'].includes(message.type)) return message;
  return withTexts(message, mask) as AirbyteMessage;
}

/** A copy of a value in which every text is transformed. */
function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change));
  if (!isObject(value) || value instanceof ExactNumber) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item, change)]));
}
