import { z } from 'zod';
import type { ApiContext } from '../api/call';
import { uuid } from '../api/call';
import { errorResponse } from '../api/error-responses';
import type { ApiResponse } from '../api/response';
import type { Shop } from '../shop/shop';
import { AirbyteBehaviour, DEFAULT_AIRBYTE_VERSION } from '../state/airbyte-versions';
import { ApiError } from '../state/errors';
import type { Job } from '../state/job';
import { nameOf } from '../state/stream-name';
import type { Faults } from './faults';
import type { RequestLog } from './request-log';

/** What the control calls work on. */
export interface ControlledSandbox {
  context: Pick<ApiContext, 'store' | 'jobs' | 'authentication'>;
  faults: Faults;
  requests: RequestLog;
  /** The embedded database, if there is one. */
  shop?: Pick<Shop, 'change'>;
}

/** A request to a control call. */
export interface ControlRequest {
  method: string;
  url: URL;
  /** The body's text; empty if there is none. */
  text: string;
}

/** However bare the errors of the API are, the sandbox's own say what is wrong. */
const SPEAKING = new AirbyteBehaviour(DEFAULT_AIRBYTE_VERSION);

/**
 * The sandbox's own calls, for whoever tests against it from another process. They ask for a token: see `admission`.
 *
 * - `GET /sandbox/requests` the number of requests of each call; `DELETE` starts the count anew.
 * - `POST /sandbox/faults` makes something go wrong (the body is a fault, see `faults`); `GET` lists them, `DELETE`
 *   removes all of them, `DELETE /sandbox/faults/<faultId>` one.
 * - `GET /sandbox/jobs` every job and, in milliseconds since 1970, when it was created, started and ended: what the API
 *   tells in whole seconds only. `POST /sandbox/jobs {connectionId}` starts a job, as Airbyte's own schedule would;
 *   `POST /sandbox/jobs/<id>/finish {outcome?, message?}` ends a simulated one;
 *   `POST /sandbox/jobs/<id>/status {status}` shows another status meanwhile.
 * - `POST /sandbox/backup {lastJobId}` restores a backup: every later job is forgotten, and its id is given again.
 * - `POST /sandbox/resets {connectionId}` notes a reset of every stream, as a change of the schema does: the next sync of the
 *   connection becomes it.
 * - `POST /sandbox/shop/changes` changes some rows of the embedded shop and says how many of each table.
 * - `DELETE /sandbox/tokens` ends every token that was given out.
 */
export async function answerControl(sandbox: ControlledSandbox, request: ControlRequest): Promise<ApiResponse> {
  const [resource = '', id, action] = request.url.pathname.split('/').slice(2);
  try {
    const body: unknown = request.text === '' ? {} : JSON.parse(request.text);
    const answer = await answerTo(sandbox, `${request.method} ${resource}`, { id, action, body });
    return (
      answer ?? { status: 404, body: { message: `The sandbox has no ${request.method} ${request.url.pathname}.` } }
    );
  } catch (error) {
    if (error instanceof ApiError) return errorResponse(error, SPEAKING);
    return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}

interface ControlCall {
  id: string | undefined;
  action: string | undefined;
  body: unknown;
}

const startBody = z.strictObject({ connectionId: uuid });
const finishBody = z.strictObject({
  outcome: z.enum(['succeeded', 'failed', 'cancelled']).default('succeeded'),
  message: z.string().optional(),
});
const backupBody = z.strictObject({ lastJobId: z.int().min(0) });
const statusBody = z.strictObject({ status: z.string() });

async function answerTo(
  { context: { store, jobs, authentication }, faults, requests, shop }: ControlledSandbox,
  call: string,
  { id, action, body }: ControlCall,
): Promise<ApiResponse | undefined> {
  switch (call) {
    case 'GET requests':
      return { status: 200, body: { total: requests.count(), calls: requests.all() } };
    case 'DELETE requests':
      requests.clear();
      return { status: 204 };
    case 'GET faults':
      return { status: 200, body: { faults: faults.list() } };
    case 'POST faults':
      return { status: 200, body: faults.add(body as Parameters<typeof faults.add>[0]) };
    case 'DELETE faults':
      return { status: 200, body: { removed: faults.remove(id) } };
    case 'DELETE tokens':
      authentication.revokeTokens();
      return { status: 204 };
    case 'POST shop':
      return shop && id === 'changes' ? { status: 200, body: await shop.change() } : undefined;
    case 'POST backup':
      await jobs.restoreBackup(backupBody.parse(body).lastJobId);
      return { status: 204 };
    case 'POST resets': {
      const connection = store.connection(startBody.parse(body).connectionId);
      connection.pendingReset = connection.catalog.streams.map(({ stream }) => nameOf(stream));
      return { status: 204 };
    }
    case 'GET jobs':
      return { status: 200, body: { jobs: [...store.jobs.values()].map(toTimes) } };
    case 'POST jobs': {
      if (id === undefined) {
        const { connectionId } = startBody.parse(body);
        return { status: 200, body: { jobId: jobs.start(store.connection(connectionId), 'sync').id } };
      }
      if (action === 'finish') {
        const { outcome, message } = finishBody.parse(body);
        const job = await jobs.finish(Number(id), outcome, message);
        return { status: 200, body: { jobId: job.id, status: job.status } };
      }
      if (action === 'status') {
        const job = jobs.setStatus(Number(id), statusBody.parse(body).status);
        return { status: 200, body: { jobId: job.id, status: job.status } };
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

function toTimes({ id: jobId, connectionId, status, createdAtMs, startedAtMs, endedAtMs }: Job): object {
  return { jobId, connectionId, status, createdAtMs, startedAtMs, endedAtMs };
}
