/** Reads and validates the lines that a connector writes, which are messages of the Airbyte protocol. */
import { z } from 'zod';
import { reasonOf } from './error-reason';
import { ExactNumber, parseJson } from './exact-json';
import { type AirbyteMessage, ConnectorError } from './protocol';

/** How many characters of a line an error message shows. */
const SHOWN_CHARACTERS = 120;
/** The latest time that a JavaScript Date can represent, in milliseconds. */
const LAST_MILLISECOND = 8_640_000_000_000_000;

/** Any object. The check does not copy it, because every row is one. */
const fields = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber),
  'must be an object',
);
const names = z.array(z.string());
const milliseconds = z.number().min(-LAST_MILLISECOND).max(LAST_MILLISECOND);
const descriptor = z.looseObject({ name: z.string(), namespace: z.string().nullish() });

const record = z.looseObject({
  stream: z.string(),
  namespace: z.string().nullish(),
  data: fields,
  emitted_at: milliseconds,
  meta: z
    .looseObject({
      changes: z.array(z.looseObject({ field: z.string(), change: z.string(), reason: z.string() })).nullish(),
    })
    .nullish(),
});

const streamState = z.looseObject({ stream_descriptor: descriptor });
const states = {
  STREAM: z.looseObject({ stream: streamState }),
  GLOBAL: z.looseObject({ global: z.looseObject({ stream_states: z.array(streamState) }) }),
  LEGACY: z.looseObject({ data: z.unknown().refine((data) => data !== undefined, 'is missing') }),
};
const state = z
  .looseObject({ type: z.enum(['STREAM', 'GLOBAL', 'LEGACY']).nullish() })
  .superRefine((payload, context) => addProblems(states[payload.type ?? 'LEGACY'], payload, context));

const traceParts: Record<string, z.ZodType> = {
  ERROR: z.looseObject({
    error: z.looseObject({ message: z.string(), internal_message: z.string().nullish() }),
  }),
  STREAM_STATUS: z.looseObject({
    stream_status: z.looseObject({
      stream_descriptor: descriptor,
      status: z.enum(['STARTED', 'RUNNING', 'COMPLETE', 'INCOMPLETE']),
    }),
  }),
};
const trace = z
  .looseObject({ type: z.string() })
  .superRefine((part, context) => addProblems(traceParts[part.type], part, context));

const controlParts: Record<string, z.ZodType> = {
  CONNECTOR_CONFIG: z.looseObject({ connectorConfig: z.looseObject({ config: fields }) }),
};
const control = z
  .looseObject({ type: z.string() })
  .superRefine((part, context) => addProblems(controlParts[part.type], part, context));

/** A stream in a discovered catalog. Fields that are null count as absent. */
const stream = z
  .looseObject({
    name: z.string(),
    namespace: z.string().nullish(),
    json_schema: fields,
    supported_sync_modes: names.nullish(),
    source_defined_cursor: z.boolean().nullish(),
    default_cursor_field: names.nullish(),
    source_defined_primary_key: z.array(names).nullish(),
  })
  .transform((found) => {
    const present = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
    return { supported_sync_modes: ['full_refresh'], ...present };
  });

/** The required fields of each message type. The part with a message's content is named after its type. */
const messages: Record<AirbyteMessage['type'], z.ZodType> = {
  RECORD: z.looseObject({ record }),
  STATE: z.looseObject({ state }),
  LOG: z.looseObject({ log: z.looseObject({ level: z.string(), message: z.string() }) }),
  TRACE: z.looseObject({ trace }),
  SPEC: z.looseObject({ spec: z.looseObject({ connectionSpecification: fields }) }),
  CATALOG: z.looseObject({ catalog: z.looseObject({ streams: z.array(stream) }) }),
  CONNECTION_STATUS: z.looseObject({
    connectionStatus: z.looseObject({ status: z.enum(['SUCCEEDED', 'FAILED']), message: z.string().nullish() }),
  }),
  CONTROL: z.looseObject({ control }),
};

/** A text that is meant to be a message, even if it cannot be parsed. */
const MEANT_AS_MESSAGE = /^\s*\{.*"type"\s*:\s*"(RECORD|STATE|TRACE|SPEC|CATALOG|CONNECTION_STATUS|CONTROL)"/s;
/** A message that does not start its line. */
const HOLDS_RECORD = /\{\s*"type"\s*:\s*"(RECORD|STATE)"/;

/** Where a line is from, and how its secrets are masked in an error message. */
export interface LineContext {
  /** For example `line 3 of source-faker read`. */
  position: string;
  /** Masks the secrets in a text. */
  mask: (text: string) => string;
}

/**
 * Reads one line. A line that is not a message is the connector's own output and becomes a log. So does an invalid LOG
 * message, because no row is lost with it.
 *
 * @throws ConnectorError for any other message that is invalid or is not one JSON object on one line, because its rows
 * would be lost silently
 */
export function readMessage(line: string, context: LineContext): AirbyteMessage {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch (error) {
    if (MEANT_AS_MESSAGE.test(line))
      throw unreadable(line, context, `the line is not one JSON object: ${syntaxOf(error)}`);
    return { type: 'LOG', log: { level: HOLDS_RECORD.test(line) ? 'WARN' : 'INFO', message: line } };
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') return { type: 'LOG', log: { level: 'INFO', message: line } };
  if (!isKnown(type)) {
    if (isKnown(type.toUpperCase())) throw unreadable(line, context, `type: must be ${type.toUpperCase()}`);
    return { type: 'LOG', log: { level: 'WARN', message: `a message of the unknown type ${type} is ignored` } };
  }
  const checked = messages[type].safeParse(value);
  if (!checked.success) {
    if (type === 'LOG') return { type: 'LOG', log: { level: 'WARN', message: line } };
    const problems = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw unreadable(line, context, problems.join('; '));
  }
  // A state goes back to its source unchanged. Only in a catalog, fields that are null are left out.
  return (type === 'CATALOG' ? checked.data : value) as AirbyteMessage;
}

/** Adds the problems of a part to the validation, if its type has a schema. */
function addProblems(part: z.ZodType | undefined, value: unknown, context: z.RefinementCtx): void {
  for (const { path, message } of part?.safeParse(value).error?.issues ?? []) {
    context.addIssue({ code: 'custom', path, message });
  }
}

function isKnown(type: string): type is AirbyteMessage['type'] {
  return Object.hasOwn(messages, type);
}

/**
 * Why a text is not JSON, without the part of the text that the engine quotes, because it may contain part of a secret.
 */
function syntaxOf(error: unknown): string {
  return reasonOf(error).replace(/, (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s, '');
}

function unreadable(line: string, { position, mask }: LineContext, problem: string): ConnectorError {
  const [, type] = MEANT_AS_MESSAGE.exec(line) ?? [];
  // A configuration that a connector wants to save may contain secrets that are not known yet.
  const isConfiguration = type === 'CONTROL';
  // The line is masked before it is cut, so that no part of a secret remains.
  const masked = mask(line);
  const start = masked.length > SHOWN_CHARACTERS ? `${masked.slice(0, SHOWN_CHARACTERS)}…` : masked;
  const shown = isConfiguration ? 'It is of type CONTROL' : `It begins: ${start}`;
  return new ConnectorError(`${position} is not a valid message of the Airbyte protocol: ${problem}. ${shown}`);
}
