import type { MemoKey } from '../contract/object-memo';
import type { PlannedSchedule } from '../contract/pipeline-plan';
import { type PipelineProgress, type PipelineStepName, STEPS } from '../contract/pipeline-progress';
import { formatNames } from '../text/formatting';

/** One step of a pipeline, in words. */
export interface PipelineStep {
  label: string;
  state: 'to do' | 'running' | 'done';
  /** The result of a step that is done. */
  detail?: string | undefined;
}

const LABELS: Record<PipelineStepName, string> = {
  workspace: 'find the workspace',
  definitions: 'find the connectors',
  actors: 'set up source and destination',
  check: 'check that both work',
  discovery: 'discover the streams',
  connection: 'set up the connection',
  sync: 'sync',
};

/** The steps of a pipeline, with their results; none while the progress is unknown. */
export function pipelineSteps(progress: PipelineProgress | undefined): PipelineStep[] {
  if (!progress) return [];
  const current = currentStep(progress);
  const reached = current === undefined ? STEPS.length : STEPS.indexOf(current);
  // The last step is the sync, which a run that only applies does not have.
  const steps = progress.sync === null ? STEPS.slice(0, -1) : STEPS;
  return steps.map((step, index) => ({
    label: LABELS[step],
    state: index < reached ? 'done' : index === reached ? 'running' : 'to do',
    detail: index < reached ? stepDetail(step, progress) : undefined,
  }));
}

/** The step that a pipeline is at, or at which it failed; undefined when it has finished all steps. */
export function currentStep({ phase, failedStep }: PipelineProgress): PipelineStepName | undefined {
  if (failedStep !== undefined) return failedStep;
  return STEPS.find((step) => step === phase);
}

function stepDetail(step: PipelineStepName, progress: PipelineProgress): string | undefined {
  switch (step) {
    case 'workspace':
      return progress.workspaceId;
    case 'actors':
      return `source ${outcomeOf('source', progress)}, destination ${outcomeOf('destination', progress)}`;
    case 'discovery':
      return formatNames(
        (progress.streams ?? []).map(({ name }) => name),
        progress.moreStreams,
      );
    case 'connection':
      return [outcomeOf('connection', progress), scheduleDetail(progress)].filter(Boolean).join(', ');
    default:
      return undefined;
  }
}

/** Describes a schedule in Temporal; one in Airbyte is a field of its connection. */
function scheduleDetail({ schedule }: PipelineProgress): string | undefined {
  if (schedule?.removed !== undefined) return 'Temporal schedule deleted';
  return schedule?.by === 'temporal' ? `Temporal schedule ${schedule.outcome}` : undefined;
}

/** What a run has done with an object: `created`, `changed`, `unchanged`. */
function outcomeOf(kind: MemoKey, { applied, created }: PipelineProgress): string {
  const action = applied?.[kind]?.action ?? (created[kind] ? 'create' : 'leave');
  return OUTCOMES[action];
}

/** What was done with an object of a document. */
export const OUTCOMES = {
  create: 'created',
  change: 'changed',
  leave: 'unchanged',
  remove: 'deleted',
} as const satisfies Record<PlannedSchedule['action'], string>;
