/** Reads the lines that a connector writes: messages of the protocol, each looked at before anything is done with it. */
import { z } from 'zod';
import { reasonOf } from './error-reason';
import { ExactNumber, parseJson } from './exact-json';
import { type AirbyteMessage, ConnectorError } from './protocol';

/** How much of a line an error shows. */
const SHOWN_CHARACTERS = 120;
/** The last millisecond that JavaScript has a date for. */
const LAST_MILLISECOND = 8_640_000_000_000_000;

/** An object, whatever is in it; not copied, since every row is one. */
const fields = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber),
  'has to be an object',
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
  .superRefine((said, context) => addProblems(traceParts[said.type], said, context));

const controlParts: Record<string, z.ZodType> = {
  CONNECTOR_CONFIG: z.looseObject({ connectorConfig: z.looseObject({ config: fields }) }),
};
const control = z
  .looseObject({ type: z.string() })
  .superRefine((said, context) => addProblems(controlParts[said.type], said, context));

/** What is null at a source's stream counts as left out. */
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

/** What has to stand in a message, by its type; the part that it is about has a name of its own. */
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

/** A text that is meant as a message, whether or not it can be read as one. */
const MEANT_AS_MESSAGE = /^\s*\{.*"type"\s*:\s*"(RECORD|STATE|TRACE|SPEC|CATALOG|CONNECTION_STATUS|CONTROL)"/s;
/** A message that stands behind something else on its line. */
const HOLDS_RECORD = /\{\s*"type"\s*:\s*"(RECORD|STATE)"/;

/** Where a line stands, and what keeps its secrets out of an error. */
export interface LineContext {
  /** Such as `line 3 of source-faker read`. */
  place: string;
  /** Puts the secrets of a text out of sight. */
  mask: (text: string) => string;
}

/**
 * Reads one line. What is no message is something the connector printed, so a log; so is a log that is not as it has to
 * be, since nothing is lost with it.
 *
 * @throws ConnectorError for another message that lacks what it has to have, or that is not one JSON object on a line: its
 * rows would be lost in silence
 */
export function readMessage(line: string, context: LineContext): AirbyteMessage {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch (error) {
    if (MEANT_AS_MESSAGE.test(line))
      throw unreadable(line, context, `not one JSON object on its line: ${syntaxOf(error)}`);
    return { type: 'LOG', log: { level: HOLDS_RECORD.test(line) ? 'WARN' : 'INFO', message: line } };
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') return { type: 'LOG', log: { level: 'INFO', message: line } };
  if (!isKnown(type)) {
    if (isKnown(type.toUpperCase())) throw unreadable(line, context, `type: has to be ${type.toUpperCase()}`);
    return { type: 'LOG', log: { level: 'WARN', message: `a message of the unknown type ${type} is left aside` } };
  }
  const checked = messages[type].safeParse(value);
  if (!checked.success) {
    if (type === 'LOG') return { type: 'LOG', log: { level: 'WARN', message: line } };
    const problems = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw unreadable(line, context, problems.join('; '));
  }
  // A state goes back to its source as it came. Only of a catalog is what was null left out.
  return (type === 'CATALOG' ? checked.data : value) as AirbyteMessage;
}

/** Adds what a part has to say, where its type has such a part. */
function addProblems(part: z.ZodType | undefined, value: unknown, context: z.RefinementCtx): void {
  for (const { path, message } of part?.safeParse(value).error?.issues ?? []) {
    context.addIssue({ code: 'custom', path, message });
  }
}

function isKnown(type: string): type is AirbyteMessage['type'] {
  return Object.hasOwn(messages, type);
}

/** Why a text is no JSON, without the piece of it that the engine shows: it may be a part of a secret. */
function syntaxOf(error: unknown): string {
  return reasonOf(error).replace(/, (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s, '');
}

function unreadable(line: string, { place, mask }: LineContext, problem: string): ConnectorError {
  const [, type] = MEANT_AS_MESSAGE.exec(line) ?? [];
  // A configuration that a connector wants kept may hold secrets that nobody has heard of yet.
  const isConfiguration = type === 'CONTROL';
  // Masked before it is cut, so that no half of a secret is left.
  const masked = mask(line);
  const start = masked.length > SHOWN_CHARACTERS ? `${masked.slice(0, SHOWN_CHARACTERS)}…` : masked;
  const shown = isConfiguration ? 'It is of type CONTROL' : `It begins: ${start}`;
  return new ConnectorError(`${place} is no message of the Airbyte protocol: ${problem}. ${shown}`);
}
