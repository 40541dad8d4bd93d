/** The two programs that this project may need and cannot bring along. */
export type ExecutableName = 'temporal' | 'temporal-test-server';

/** A program to put at `destination`. */
export interface DownloadRequest {
  name: ExecutableName;
  version: string;
  destination: string;
  /** The environment of the processes that fetch it: proxies, indexes and the like. */
  env: NodeJS.ProcessEnv;
}

/** One way to fetch a program. Throws with the reason where it cannot be had. */
export type Download = (request: DownloadRequest) => Promise<void>;
