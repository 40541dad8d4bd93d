import type {
  FieldChange,
  PipelinePlan,
  PlannedConnection,
  PlannedObject,
  PlannedSchedule,
} from '../../src/contract/pipeline-plan';
import { describeSchemaChange, streamTitle } from '../../src/contract/schema-changes';
import { oneLine } from '../../src/text/control-characters';
import { formatCount } from '../../src/text/formatting';

/** A plan as text: one line for each object, with its changes below. */
export function describePlan(plan: PipelinePlan): string[] {
  const { name, source, destination, connection, schedule, notes, changes } = plan;
  const drift = connection.schemaDrift;
  return [
    `Pipeline '${name}': ${changes ? 'there is something to do.' : 'nothing to do.'}`,
    ...describeObject('source', source),
    ...describeObject('destination', destination),
    ...describeObject('connection', connection),
    ...describeStreams(connection),
    ...(schedule ? describePlannedSchedule(schedule) : []),
    ...(drift ? ["  The source's schema has changed since the connection was set up:"] : []),
    ...(drift?.changes ?? []).map((change) => `    ${describeSchemaChange(change)}`),
    ...(drift && drift.moreChanges > 0 ? [`    and ${formatCount(drift.moreChanges, 'more change')}`] : []),
    ...notes.map((note) => `  Note: ${note}`),
  ].map(sanitizeLine);
}

function describeObject(kind: string, { action, name, id, changes }: PlannedObject): string[] {
  const title = `${kind} ${name}${id === null ? '' : ` (${id})`}`;
  return [`  ${action} ${title}`, ...changes.map((change) => `      ${describeChange(change)}`)];
}

function describePlannedSchedule({ action, id, changes }: PlannedSchedule): string[] {
  const title = `  ${action} schedule in Temporal${id === null ? '' : ` (${id})`}`;
  return [title, ...changes.map((change) => `      ${describeChange(change)}`)];
}

function describeStreams({ streams, moreStreams = {} }: PlannedConnection): string[] {
  if (streams === null) return ['    streams: not known before the source is applied'];
  const { leave = 0, ...more } = moreStreams;
  const left = streams.filter(({ action }) => action === 'leave').length + leave;
  return [
    ...streams
      .filter(({ action }) => action !== 'leave')
      .flatMap((stream) => [
        `    ${stream.action} stream ${streamTitle(stream)}`,
        ...stream.changes.map((change) => `      ${describeChange(change)}`),
      ]),
    ...Object.entries(more).map(([action, count]) => `    ${action} ${formatCount(count, 'more stream')}`),
    ...(left > 0 ? [`    leave ${formatCount(left, 'stream')}`] : []),
  ];
}

/** Removes control characters from a line, which may hold names from Airbyte, and keeps its indentation. */
function sanitizeLine(line: string): string {
  return line.slice(0, line.search(/\S|$/)) + oneLine(line);
}

/** `schedule: "manual" → {"every":"6h"}`. */
function describeChange({ field, from, to }: FieldChange): string {
  const shown = (value: unknown) => (value === undefined ? '(nothing)' : JSON.stringify(value));
  return `${field}: ${shown(from)} → ${shown(to)}`;
}
