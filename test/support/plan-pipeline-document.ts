import type { PipelineDocument } from '../../src/contract/pipeline-document';
import type { PipelinePlan } from '../../src/contract/pipeline-plan';
import type { planPipeline } from '../../workflows';
import type { Stack } from './stack';
import { uniqueName } from './temporal';

/** What `plan` says of a document, by the workflow that the command starts. */
export function planPipelineDocument(
  { temporal, taskQueue }: Pick<Stack, 'temporal' | 'taskQueue'>,
  document: PipelineDocument,
): Promise<PipelinePlan> {
  const options = { taskQueue, workflowId: uniqueName('plan'), args: [document] as [PipelineDocument] };
  return temporal.client.workflow.execute<typeof planPipeline>('planPipeline', options);
}
