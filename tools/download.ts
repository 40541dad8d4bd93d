/** The programs that development needs and that are not npm packages. */
export type ExecutableName = 'temporal' | 'temporal-test-server';

/** A program to download to `destination`. */
export interface DownloadRequest {
  name: ExecutableName;
  version: string;
  destination: string;
  /** The environment of the processes that download it, with proxies and package indexes. */
  env: NodeJS.ProcessEnv;
}

/** One way to download a program. Throws an error with the reason if it fails. */
export type Download = (request: DownloadRequest) => Promise<void>;
