import type { Activities } from '../activities';
import type { AppliedActor, PlannedActor } from '../src/contract/actor';
import type { SelectedStream } from '../src/contract/selected-stream';

const WORKSPACE_ID = '00000000-0000-4000-8000-000000000001';

type PipelineActivities = Pick<
  Activities,
  | 'checkHealth'
  | 'findWorkspace'
  | 'findSourceDefinition'
  | 'findDestinationDefinition'
  | 'applySource'
  | 'applyDestination'
  | 'planSource'
  | 'planDestination'
  | 'checkSource'
  | 'checkDestination'
  | 'checkSourceConfiguration'
  | 'checkDestinationConfiguration'
  | 'discoverSchema'
  | 'prepareConnection'
  | 'applyConnection'
  | 'planConnection'
  | 'applySchedule'
  | 'planSchedule'
  | 'findConnections'
  | 'selectConnections'
>;

/** The objects of a mocked Airbyte: each is created when a pipeline first names it, and found afterwards. */
export class MockedPipelines {
  /** The ids of the objects, by kind and name. */
  readonly #ids = new Map<string, string>();

  get activities(): PipelineActivities {
    const findDefinition = async ({ definition }: { definition: string }) => ({
      definitionId: this.#apply('definition', definition).id,
      name: definition,
    });
    const apply =
      (kind: string) =>
      async (desired: { name: string }): Promise<AppliedActor> => {
        const { id, created } = this.#apply(kind, desired.name);
        return { actorId: id, created, updated: false };
      };
    const plan =
      (kind: string) =>
      async (desired: { name: string }): Promise<PlannedActor> =>
        this.#plan(kind, desired.name);
    const pass = async () => {};
    return {
      checkHealth: async () => ({ available: true }),
      findWorkspace: async ({ workspace = 'Default Workspace' }) => ({ workspaceId: WORKSPACE_ID, name: workspace }),
      findSourceDefinition: findDefinition,
      findDestinationDefinition: findDefinition,
      applySource: apply('source'),
      applyDestination: apply('destination'),
      planSource: plan('source'),
      planDestination: plan('destination'),
      checkSource: pass,
      checkDestination: pass,
      checkSourceConfiguration: async () => true,
      checkDestinationConfiguration: async () => true,
      prepareConnection: async ({ connection: { name, streams } }) => ({
        planned: { ...this.#plan('connection', name), streams: [] },
        selected: { streams: streams.map(toSelected) },
      }),
      discoverSchema: async ({ streams }) => streams.map(toSelected),
      applyConnection: async ({ connection: { name } }) => {
        const { id, created } = this.#apply('connection', name);
        return { connectionId: id, created, updated: [] };
      },
      planConnection: async ({ connection: { name } }) => ({
        connection: { ...this.#plan('connection', name), streams: null },
        notes: [],
      }),
      applySchedule: async ({ connectionId }) => ({
        scheduleId: `airbyte-schedule:${connectionId}`,
        outcome: this.#apply('schedule', connectionId).created ? 'created' : 'unchanged',
        changed: [],
      }),
      planSchedule: async () => null,
      findConnections: async ({ connections }) =>
        connections.map((connectionId) => ({ connectionId, name: connectionId, workspaceId: WORKSPACE_ID })),
      selectConnections: async () =>
        [...this.#ids]
          .filter(([key]) => key.startsWith('connection '))
          .map(([key, connectionId]) => ({
            connectionId,
            name: key.slice('connection '.length),
            workspaceId: WORKSPACE_ID,
          })),
    };
  }

  #apply(kind: string, name: string): { id: string; created: boolean } {
    const key = `${kind} ${name}`;
    const found = this.#ids.get(key);
    if (found !== undefined) return { id: found, created: false };
    const number = String(this.#ids.size + 2).padStart(12, '0');
    const id = `00000000-0000-4000-8000-${number}`;
    this.#ids.set(key, id);
    return { id, created: true };
  }

  #plan(kind: string, name: string): PlannedActor {
    const id = this.#ids.get(`${kind} ${name}`) ?? null;
    return { action: id === null ? 'create' : 'leave', name, id, changes: [] };
  }
}

function toSelected({
  name,
  namespace,
  syncMode,
  destinationSyncMode,
}: Parameters<Activities['discoverSchema']>[0]['streams'][number]): SelectedStream {
  return {
    ...{ name, ...(namespace !== undefined && { namespace }) },
    ...{ syncMode, destinationSyncMode, cursorField: [], primaryKey: [] },
  };
}
