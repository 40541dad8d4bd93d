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

/** The sandbox's own errors always carry their message, even where the errors of the simulated version do not. */
const VERBOSE_BEHAVIOUR = new AirbyteBehaviour(DEFAULT_AIRBYTE_VERSION);

/**
 * The sandbox's own calls, for tests that run in another process. They require a token: see `admission`.
 *
 * - `GET /sandbox/requests` returns the number of requests of each call; `DELETE` resets the counts.
 * - `POST /sandbox/faults` adds a fault (for the body, see `faults`); `GET` lists all faults, `DELETE` removes them
 *   all, and `DELETE /sandbox/faults/<faultId>` removes one.
 * - `GET /sandbox/jobs` returns every job with the times of its creation, start and end in milliseconds since 1970,
 *   where Airbyte's API has whole seconds only. `POST /sandbox/jobs {connectionId}` starts a job, as Airbyte's own
 *   schedule would; `POST /sandbox/jobs/<id>/finish {outcome?, message?}` ends a simulated job; `POST
 *   /sandbox/jobs/<id>/status {status}` sets another status while the job runs.
 * - `POST /sandbox/backup {lastJobId}` restores a backup: the sandbox drops every later job and assigns their ids
 *   again.
 * - `POST /sandbox/resets {connectionId}` marks every stream for a reset, as a schema change does: the connection's
 *   next sync becomes that reset.
 * - `POST /sandbox/shop/changes` changes some rows of the embedded shop and returns how many it changed in each table.
 * - `DELETE /sandbox/tokens` invalidates all access tokens.
 */
export async function handleControl(sandbox: ControlledSandbox, request: ControlRequest): Promise<ApiResponse> {
  const [resource = '', id, action] = request.url.pathname.split('/').slice(2);
  try {
    const body: unknown = request.text === '' ? {} : JSON.parse(request.text);
    const response = await responseTo(sandbox, `${request.method} ${resource}`, { id, action, body });
    return (
      response ?? {
        status: 404,
        body: { message: `The sandbox has no call ${request.method} ${request.url.pathname}.` },
      }
    );
  } catch (error) {
    if (error instanceof ApiError) return errorResponse(error, VERBOSE_BEHAVIOUR);
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

async function responseTo(
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
