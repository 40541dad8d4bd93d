import type { StartableJobType } from '../contract/job-types';
import type { AirbyteFlavour } from './airbyte-url';

/** What is found out by a call about an object that does not exist. */
export type UncertainCapability =
  | StartableJobType
  | 'definitionsPerWorkspace'
  | 'specifications'
  | 'connectionChecks'
  | 'jobLogs';

/** What a server can do for these credentials, found out by asking it and not by its version. */
export interface AirbyteCapabilities {
  /** The API that it was asked through. */
  flavour: AirbyteFlavour;
  /** Airbyte's version, where the server tells it. */
  version?: string | undefined;
  /** Which API lists the workspaces; `none` where a workspace has to be named by its id. */
  workspaceList: AirbyteFlavour | 'none';
  /** Lists the connectors of one workspace, its custom ones included; else those of the whole server. */
  definitionsPerWorkspace: boolean;
  /** Tells what a connector's configuration has to be. */
  specifications: boolean;
  /** Checks whether a source or destination can be reached. */
  connectionChecks: boolean;
  /** Gives the logs of a job, and why each of its attempts failed. */
  jobLogs: boolean;
  /** Lists the jobs that changed: of all that these credentials may read, or of workspaces that are named. */
  changeFeed: 'instance' | 'workspaces' | 'none';
  jobTypes: StartableJobType[];
  /**
   * Those of the above that are taken to be there, though the server does not tell: with authentication on, Airbyte answers
   * to a call that it does not have as it does to an id that does not exist. Left out where there are none.
   */
  uncertain?: UncertainCapability[] | undefined;
  /** Gives tokens for client credentials. */
  tokens: boolean;
}
