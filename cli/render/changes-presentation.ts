import type { PipelineDocument } from '../../src/contract/pipeline-document';
import type {
  ChangeCounts,
  FieldChange,
  FleetChanges,
  PipelinePlan,
  PlannedConnection,
  PlannedObject,
  PlannedSchedule,
  PlannedStream,
} from '../../src/contract/pipeline-plan';
import type { PipelineResult } from '../../src/contract/pipeline-result';
import { describeSchemaChange, streamTitle } from '../../src/contract/schema-changes';
import { OUTCOMES } from '../../src/details/pipeline-steps';
import { oneLine } from '../../src/text/control-characters';
import { formatCount, formatNames } from '../../src/text/formatting';
import { describeScheduleResult } from './schedule-formatting';
import type { Paint } from './terminal';

type Action = PlannedSchedule['action'] | PlannedStream['action'];

/** The symbols and colours of Terraform, which users of plans know. */
const SYMBOLS = {
  create: { symbol: '+', style: 'green' },
  add: { symbol: '+', style: 'green' },
  change: { symbol: '~', style: 'yellow' },
  remove: { symbol: '-', style: 'red' },
  leave: { symbol: ' ', style: 'dim' },
} as const satisfies Record<Action, { symbol: string; style: Parameters<Paint>[0] }>;

/** A plan as text: one line for each object, with its changes below. */
export function describePlan(plan: PipelinePlan, paint: Paint): string[] {
  const { name, source, destination, connection, schedule, notes } = plan;
  const drift = connection.schemaDrift;
  const line = linesIn(paint);
  return [
    oneLine(`Pipeline '${name}': ${summarize(plan)}`),
    ...line.object('source', source),
    ...line.object('destination', destination),
    ...line.object('connection', connection),
    ...(connection.streams === null ? ['      streams: not known before the source is applied'] : []),
    ...line.streams(connection),
    ...(schedule ? line.schedule(schedule) : []),
    ...(drift ? ["  The source's schema has changed since the connection was set up:"] : []),
    ...(drift?.changes ?? []).map((change) => `    ${oneLine(describeSchemaChange(change))}`),
    ...(drift && drift.moreChanges > 0 ? [`    and ${formatCount(drift.moreChanges, 'more change')}`] : []),
    ...notes.map((note) => `  ${paint('yellow', 'Note:')} ${oneLine(note)}`),
  ];
}

/** The plan of any document as text. */
export function describeDocumentPlan(plan: PipelinePlan | FleetChanges, paint: Paint): string[] {
  return 'fleet' in plan ? describeFleetChanges(plan, paint) : describePlan(plan, paint);
}

/** What applying a fleet document changes, or has changed. */
export function describeFleetChanges({ fleet, schedule }: FleetChanges, paint: Paint): string[] {
  const line = linesIn(paint);
  return [
    oneLine(`Fleet '${fleet}'${schedule ? ':' : ' has no schedule: nothing to change.'}`),
    ...(schedule ? line.schedule(schedule) : []),
  ];
}

/** `1 to create, 2 to change, 0 to delete.` */
function summarize({ counts, changes }: PipelinePlan): string {
  if (!changes) return 'nothing to do.';
  const { create, change, delete: deleted } = counts;
  if (create + change + deleted === 0) return 'nothing to do, and apply would fail: see the note.';
  return `${create} to create, ${change} to change, ${deleted} to delete.`;
}

/** The result of a pipeline's run: one line for each object, with its changes below. */
export function describePipeline(document: PipelineDocument, result: PipelineResult, paint: Paint): string[] {
  const { applied, streams, moreStreams, schedule } = result;
  const names = streams.map(({ name, syncMode }) => `${name} (${syncMode})`);
  const { source, destination, connection, schedule: inTemporal } = applied;
  const line = linesIn(paint);
  const object = (kind: string, { action, id, name }: PlannedObject) =>
    line.titled(action, `${kind.padEnd(11)}  ${id}  ${oneLine(name)} (${OUTCOMES[action]})`, '');
  return [
    oneLine(`Pipeline '${document.name}' is in place: ${describeCounts(applied.counts)}.`),
    `  workspace    ${result.workspaceId}`,
    ...object('source', source),
    ...line.changes(source.changes),
    ...object('destination', destination),
    ...line.changes(destination.changes),
    ...object('connection', connection),
    ...line.changes(connection.changes),
    ...(connection.action === 'change' ? line.streams(connection) : []),
    `  streams      ${oneLine(formatNames(names, moreStreams))}`,
    ...line.titled(
      inTemporal?.action ?? 'leave',
      `schedule     ${describeScheduleResult(document.connection.schedule, schedule)}`,
      '',
    ),
    ...line.changes(inTemporal?.changes ?? []),
  ];
}

/** `1 created, 2 changed, 0 deleted` */
function describeCounts({ create, change, delete: deleted }: ChangeCounts): string {
  return `${create} created, ${change} changed, ${deleted} deleted`;
}

/** Lines about objects and their changes. Names may come from Airbyte, so control characters are removed from them. */
function linesIn(paint: Paint) {
  const titled = (action: Action, text: string, indent: string): string[] => {
    const { symbol, style } = SYMBOLS[action];
    return [`${indent}${action === 'leave' ? `  ${text}` : `${paint(style, symbol)} ${text}`}`];
  };
  const changes = (all: readonly FieldChange[]) => all.flatMap((change) => describeChange(change, titled));
  return {
    titled,
    changes,
    object: (kind: string, { action, name, id, changes: all }: PlannedObject): string[] => [
      ...titled(action, oneLine(`${action} ${kind} ${name}${id === null ? '' : ` (${id})`}`), '  '),
      ...changes(all),
    ],
    schedule: ({ action, id, changes: all }: PlannedSchedule): string[] => [
      ...titled(action, `${action} schedule in Temporal${id === null ? '' : ` (${id})`}`, '  '),
      ...changes(all),
    ],
    streams: ({ streams, moreStreams = {} }: PlannedConnection): string[] => {
      const { leave = 0, ...more } = moreStreams;
      const shown = streams ?? [];
      const left = shown.filter(({ action }) => action === 'leave').length + leave;
      return [
        ...shown
          .filter(({ action }) => action !== 'leave')
          .flatMap((stream) => [
            ...titled(stream.action, oneLine(`${stream.action} stream ${streamTitle(stream)}`), '    '),
            ...changes(stream.changes),
          ]),
        ...Object.entries(more).flatMap(([action, count]) =>
          titled(action as PlannedStream['action'], `${action} ${formatCount(count, 'more stream')}`, '    '),
        ),
        ...(left > 0 ? titled('leave', `leave ${formatCount(left, 'stream')}`, '    ') : []),
      ];
    },
  };
}

/** `~ schedule: "manual" → {"every":"6h"}`, `+ prefix: "raw_"` */
function describeChange(
  { field, from, to }: FieldChange,
  titled: (action: Action, text: string, indent: string) => string[],
): string[] {
  const [action, values] =
    from === undefined
      ? (['add', JSON.stringify(to)] as const)
      : to === undefined
        ? (['remove', JSON.stringify(from)] as const)
        : (['change', `${JSON.stringify(from)} → ${JSON.stringify(to)}`] as const);
  return titled(action, oneLine(`${field}: ${values}`), '      ');
}
