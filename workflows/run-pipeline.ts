import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  defineQuery,
  log,
  ParentClosePolicy,
  setHandler,
  startChild,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { AppliedActor } from '../activities/actors';
import type { NotedObject } from '../activities/earlier-run';
import type { SelectedStream } from '../activities/streams';
import { type PipelineDocumentInput, pipelineDocumentSchema } from '../src/pipeline/document';
import { describeSchemaDrift, type SchemaDrift } from '../src/pipeline/schema-changes';
import { findSecretReferences } from '../src/pipeline/secret-references';
import type { SyncOptions } from '../src/pipeline/sync-options';
import { searchAttributeKeys as keys } from '../src/temporal/search-attribute-keys';
import { syncWorkflowId } from '../src/temporal/workflow-ids';
import { airbyteCalls } from './activity-options';
import { hasType, parseInput, toWorkflowFailure } from './failures';
import { type SyncConnectionResult, syncConnection } from './sync-connection';

export interface PipelineResult {
  workspaceId: string;
  sourceId: string;
  destinationId: string;
  connectionId: string;
  /** What this run created; false for what was there. */
  created: { source: boolean; destination: boolean; connection: boolean };
  /** The streams as they are synced, without their schemas. */
  streams: SelectedStream[];
  /** How the sync went; null when the document says `sync: false`. */
  sync: SyncConnectionResult | null;
}

export interface PipelineProgress extends Partial<Omit<PipelineResult, 'sync' | 'created'>> {
  name: string;
  phase: 'workspace' | 'definitions' | 'actors' | 'check' | 'discovery' | 'connection' | 'sync' | 'done';
  created: PipelineResult['created'];
  /** What went another way than usual, for people to read: a check that this Airbyte cannot make, a schema that changed. */
  notes: string[];
  /** The workflow of the sync, once it has started; its own `progress` tells the rest. */
  syncWorkflowId?: string;
}

/** How a pipeline stands. */
export const pipelineProgressQuery = defineQuery<PipelineProgress>('progress');

/** How long an Airbyte that is out of reach is waited for, at each step before the sync. */
const STEP_MS = 15 * 60_000;

/**
 * Brings a pipeline document about and syncs it: workspace → definitions → source and destination → both checks →
 * discovery → connection → sync. What exists is found by its name; a second run of one document creates nothing. A check
 * that this Airbyte does not have (its public API has none) is left out with a note.
 *
 * Fails with `AirbyteCheckFailed`, `InvalidInput`, `AirbyteConflict` (two of a name; a schema that has changed where the
 * document says `schemaChanges: fail`), or what `syncConnection` fails with.
 */
export async function runPipeline(input: PipelineDocumentInput): Promise<PipelineResult> {
  const document = parseInput(pipelineDocumentSchema(), input);
  const created = { source: false, destination: false, connection: false };
  const progress: PipelineProgress = { name: document.name, phase: 'workspace', created, notes: [] };
  setHandler(pipelineProgressQuery, () => progress);
  const airbyte = airbyteCalls(STEP_MS);

  try {
    const workspaceId = await findWorkspace();
    const definitions = await findDefinitions(workspaceId);
    const { source, destination } = await applyActors(workspaceId, definitions);
    await checkActors(source, destination);
    const streams = await discoverStreams(source.actorId);
    const connectionId = await applyConnection(workspaceId, source.actorId, destination.actorId);
    const sync = document.sync === false ? null : await syncIt(connectionId, workspaceId, document.sync);
    progress.phase = 'done';
    const ids = { workspaceId, sourceId: source.actorId, destinationId: destination.actorId, connectionId };
    return { ...ids, created, streams, sync };
  } catch (error) {
    throw toWorkflowFailure(error);
  }

  async function findWorkspace(): Promise<string> {
    const wanted = document.workspace === undefined ? {} : { workspace: document.workspace };
    const { workspaceId } = await airbyte.findWorkspace(wanted);
    progress.workspaceId = workspaceId;
    return workspaceId;
  }

  async function findDefinitions(workspaceId: string) {
    progress.phase = 'definitions';
    const [source, destination] = await Promise.all([
      airbyte.findSourceDefinition({ workspaceId, definition: document.source.definition }),
      airbyte.findDestinationDefinition({ workspaceId, definition: document.destination.definition }),
    ]);
    return { source: source.definitionId, destination: destination.definitionId };
  }

  /** Keeps an id where people and later runs of the pipeline find it, also when this run fails. */
  function note(kind: 'source' | 'destination' | 'connection', name: string, id: string): void {
    const noted: NotedObject = { name, id, ...(created[kind] && { created: true }) };
    upsertMemo({ [kind]: noted });
  }

  /** What the document wants of the source and of the destination, as the activities take it. */
  function wantedActors(workspaceId: string, definitions: { source: string; destination: string }) {
    const wanted = (kind: 'source' | 'destination') => {
      const { name, configuration } = document[kind];
      return { workspaceId, name, definitionId: definitions[kind], configuration };
    };
    return { source: wanted('source'), destination: wanted('destination') };
  }

  async function applyActors(workspaceId: string, definitions: { source: string; destination: string }) {
    progress.phase = 'actors';
    const wanted = wantedActors(workspaceId, definitions);
    const applied = (kind: 'source' | 'destination') => (actor: AppliedActor) => {
      progress[`${kind}Id`] = actor.actorId;
      created[kind] = actor.created;
      note(kind, wanted[kind].name, actor.actorId);
      return actor;
    };
    const both = [
      airbyte.applySource(wanted.source).then(applied('source')),
      airbyte.applyDestination(wanted.destination).then(applied('destination')),
    ] as const;
    // What one of them creates is noted also when the other one fails.
    await Promise.allSettled(both);
    const [source, destination] = await Promise.all(both);
    return {
      source: { ...source, update: () => airbyte.applySource({ ...wanted.source, update: true }) },
      destination: { ...destination, update: () => airbyte.applyDestination({ ...wanted.destination, update: true }) },
    };
  }

  async function checkActors(source: CheckableActor, destination: CheckableActor): Promise<void> {
    progress.phase = 'check';
    await Promise.all([
      checkActor('source', source, () => airbyte.checkSource({ sourceId: source.actorId })),
      checkActor('destination', destination, () => airbyte.checkDestination({ destinationId: destination.actorId })),
    ]);
  }

  /**
   * Airbyte masks secrets, so one that has changed since the actor was created does not show: when the check of an actor
   * that was left as it was fails, its configuration is sent again and it is checked once more.
   */
  async function checkActor(
    kind: 'source' | 'destination',
    actor: CheckableActor,
    check: () => Promise<void>,
  ): Promise<void> {
    try {
      await check();
    } catch (error) {
      if (hasType(error, 'AirbyteUnsupported')) return passUnchecked(kind, actor);
      if (!hasType(error, 'AirbyteCheckFailed') || actor.created || actor.updated) throw error;
      await actor.update().catch((reason: unknown) => {
        // A server that updates nothing leaves the failed check as what is wrong.
        throw hasType(reason, 'AirbyteUnsupported') || hasType(reason, 'AirbyteNotFound') ? error : reason;
      });
      await check();
    }
  }

  /** Goes on where Airbyte has no checks. Nothing tells then that a secret has changed, so secrets are sent once more. */
  async function passUnchecked(kind: 'source' | 'destination', actor: CheckableActor): Promise<void> {
    const mayHideChange =
      !actor.created && !actor.updated && findSecretReferences(document[kind].configuration).length > 0;
    if (mayHideChange) await actor.update();
    const text = `The ${kind} was not checked: this Airbyte has no call for it.`;
    progress.notes.push(text);
    log.info(text, { actorId: actor.actorId });
  }

  async function discoverStreams(sourceId: string): Promise<SelectedStream[]> {
    progress.phase = 'discovery';
    const streams = await airbyte.discoverSchema({ sourceId, streams: document.connection.streams });
    progress.streams = streams;
    return streams;
  }

  async function applyConnection(workspaceId: string, sourceId: string, destinationId: string): Promise<string> {
    progress.phase = 'connection';
    const { connection } = document;
    const applied = await airbyte.applyConnection({ workspaceId, sourceId, destinationId, connection });
    progress.connectionId = applied.connectionId;
    created.connection = applied.created;
    if (applied.schemaDrift) noteDrift(applied.schemaDrift);
    note('connection', connection.name, applied.connectionId);
    upsertSearchAttributes([
      { key: keys.workspaceId, value: workspaceId },
      { key: keys.connectionId, value: applied.connectionId },
      { key: keys.connectionName, value: connection.name },
    ]);
    return applied.connectionId;
  }

  function noteDrift(drift: SchemaDrift): void {
    const policy = document.connection.schemaChanges;
    const text = `The source's schema has changed since the connection was set up (schemaChanges: ${policy}): ${describeSchemaDrift(drift)}.`;
    progress.notes.push(text);
    log.info(text);
  }

  /** Syncs as a workflow of its own, which others find by the connection and can cancel on its own. */
  async function syncIt(
    connectionId: string,
    workspaceId: string,
    options: SyncOptions,
  ): Promise<SyncConnectionResult> {
    progress.phase = 'sync';
    const start = (workflowId: string) =>
      startChild(syncConnection, {
        workflowId,
        args: [{ connectionId, ...options }],
        typedSearchAttributes: [
          { key: keys.workspaceId, value: workspaceId },
          { key: keys.connectionId, value: connectionId },
          { key: keys.connectionName, value: document.connection.name },
        ],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        staticSummary: document.connection.name,
      });
    const workflowId = syncWorkflowId(connectionId);
    const child = await start(workflowId).catch((error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // Somebody else's sync of the connection runs. Ours runs beside it, and shares its job as `onRunning` says.
      log.info(`${workflowId} is running already: syncing beside it`);
      return start(`${workflowId}:${workflowInfo().runId}`);
    });
    progress.syncWorkflowId = child.workflowId;
    return child.result();
  }
}

type CheckableActor = AppliedActor & { update: () => Promise<AppliedActor> };
