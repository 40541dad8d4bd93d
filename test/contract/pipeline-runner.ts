import type { WorkflowHandle } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import { AirbyteClient } from '../../src/airbyte/client';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { createSecretResolver } from '../../src/secrets/secret-resolver';
import { createWorker } from '../../worker/create-worker';
import type { runPipeline } from '../../workflows';
import { FAST_COUNT_POLLS } from '../support/fast-count-polls';
import { type SharedTemporal, sharedTemporal, uniqueName, workflowBundle } from '../support/temporal';
import { learnUnsupportedEndpoints } from '../support/unsupported-endpoints';
import { until } from '../support/until';

export type PipelineHandle = WorkflowHandle<typeof runPipeline>;

/** Runs pipelines against one Airbyte, with a worker of its own. */
export class PipelineRunner {
  private constructor(
    private readonly temporal: SharedTemporal,
    private readonly taskQueue: string,
    private readonly airbyte: AirbyteClient,
    private readonly worker: Worker,
    private readonly running: Promise<void>,
  ) {}

  /** @param secrets what `${env:…}` stands for */
  static async start(url: string, secrets: Record<string, string>): Promise<PipelineRunner> {
    const temporal = await sharedTemporal();
    const taskQueue = uniqueName('pipelines');
    const airbyte = new AirbyteClient({ url });
    await learnUnsupportedEndpoints(airbyte);
    const worker = await createWorker({
      connection: temporal.nativeConnection,
      namespace: temporal.namespace,
      taskQueue,
      airbyte,
      secrets: createSecretResolver({ env: secrets }),
      jobs: new JobWatcher({
        airbyte,
        pollIntervalMs: 20,
        countsPatience: FAST_COUNT_POLLS,
        logger: { info: () => undefined, warn: () => undefined },
      }),
      workflows: { workflowBundle: await workflowBundle() },
    });
    return new PipelineRunner(temporal, taskQueue, airbyte, worker, worker.run());
  }

  async begin(document: PipelineDocumentInput): Promise<PipelineHandle> {
    return this.temporal.client.workflow.start<typeof runPipeline>('runPipeline', {
      // The same for each run of a document, as it is for a user who runs one.
      workflowId: `${this.taskQueue}:${document.name}`,
      taskQueue: this.taskQueue,
      args: [document],
    });
  }

  async run(document: PipelineDocumentInput) {
    return (await this.begin(document)).result();
  }

  /** Resolves once Temporal lists a run of the document that has noted an object: its lists lag behind a little. */
  async noted(name: string, kind: string): Promise<void> {
    const query = `WorkflowId = '${this.taskQueue}:${name}'`;
    await until(async () => {
      for await (const { memo } of this.temporal.client.workflow.list({ query })) if (memo?.[kind]) return true;
      return false;
    });
  }

  async stop(): Promise<void> {
    this.worker.shutdown();
    await this.running;
    await this.airbyte.close();
    await this.temporal.close();
  }
}
