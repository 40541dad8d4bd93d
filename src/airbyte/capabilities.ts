import type { StartableJobType } from '../contract/job-types';
import type { AirbyteFlavour } from './airbyte-url';

/** The capabilities that are probed by a call about an object that does not exist. */
export type UncertainCapability =
  | StartableJobType
  | 'definitionsPerWorkspace'
  | 'specifications'
  | 'connectionChecks'
  | 'jobLogs';

/** What a server supports with these credentials. It is found out by calls, and not from the server's version. */
export interface AirbyteCapabilities {
  /** The API of the client. */
  flavour: AirbyteFlavour;
  /** Airbyte's version, if the server shows it. */
  version?: string | undefined;
  /** Which API lists the workspaces; `none` if users have to name a workspace by its id. */
  workspaceList: AirbyteFlavour | 'none';
  /**
   * Whether it lists the connectors of one workspace, with its custom ones; if not, it lists those of the whole server.
   */
  definitionsPerWorkspace: boolean;
  /** Whether it has the specifications of connectors' configurations. */
  specifications: boolean;
  /** Whether it checks the connections of sources and destinations. */
  connectionChecks: boolean;
  /** Whether it has the logs of a job, and the reason of each failed attempt. */
  jobLogs: boolean;
  /**
   * Whether it lists the jobs that changed: all that the credentials may read (`instance`), or those of given
   * workspaces.
   */
  changeFeed: 'instance' | 'workspaces' | 'none';
  jobTypes: StartableJobType[];
  /**
   * The capabilities that are assumed, because the server does not show whether it supports them: with authentication
   * enabled, Airbyte's responses to an unsupported call and to an id that does not exist are the same. Left out if
   * there are none.
   */
  uncertain?: UncertainCapability[] | undefined;
  /** Whether it issues tokens for client credentials. */
  tokens: boolean;
}
