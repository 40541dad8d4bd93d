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
  return STEPS.map((step, index) => ({
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
  const { created } = progress;
  switch (step) {
    case 'workspace':
      return progress.workspaceId;
    case 'actors':
      return `source ${createdOrFound(created.source)}, destination ${createdOrFound(created.destination)}`;
    case 'discovery':
      return formatNames(
        (progress.streams ?? []).map(({ name }) => name),
        progress.moreStreams,
      );
    case 'connection':
      return [createdOrFound(created.connection), scheduleDetail(progress)].filter(Boolean).join(', ');
    default:
      return undefined;
  }
}

/** Describes a schedule in Temporal; one in Airbyte is a field of its connection. */
function scheduleDetail({ schedule }: PipelineProgress): string | undefined {
  if (schedule?.removed !== undefined) return 'Temporal schedule deleted';
  return schedule?.by === 'temporal' ? `Temporal schedule ${schedule.outcome}` : undefined;
}

/** Describes an object that is found by its name, or created where there is none. */
export function createdOrFound(created: boolean): string {
  return created ? 'created' : 'found';
}
