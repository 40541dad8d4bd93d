/**
 * How servers of different ages behave where they differ. Read from the server's code, since the OpenAPI documents say
 * little of it.
 */
export interface AirbyteBehaviour {
  version: string;
  /** `workspaces/list` was taken out in 1.8. */
  workspacesList: boolean;
  /** Since 2.0 an error of 400, 404 or 500 carries only `{ errorId }`; before, the message and the exception's class. */
  bareErrors: boolean;
  /** Input that fails validation: 422 before 2.0, 400 since. */
  invalidInputStatus: 400 | 422;
  /** 0.50 wants a `configId` in `jobs/list`, knows neither `updatedAtStart` nor `jobs/list_for_workspaces`. */
  listsJobsOfAllConnections: boolean;
  /** `sources/list` and `destinations/list` come in pages (of 20, by name) since 1.8: the document of 1.6 has no cursor. */
  pagesActors: boolean;
  /** `applications/token` and `connections/refresh`, `connections/clear` came after 0.50. */
  applicationsAndRefreshes: boolean;
}

const current: AirbyteBehaviour = {
  version: '2.0.0',
  workspacesList: false,
  bareErrors: true,
  invalidInputStatus: 400,
  listsJobsOfAllConnections: true,
  pagesActors: true,
  applicationsAndRefreshes: true,
};

const speaking: AirbyteBehaviour = {
  ...current,
  version: '1.6.0',
  workspacesList: true,
  bareErrors: false,
  invalidInputStatus: 422,
  pagesActors: false,
};

/** The ages of Airbyte that the sandbox can behave like. */
export const airbyteVersions = {
  '0.50.0': {
    ...speaking,
    version: '0.50.0',
    listsJobsOfAllConnections: false,
    applicationsAndRefreshes: false,
  },
  '1.6.0': speaking,
  '2.0.0': current,
} satisfies Record<string, AirbyteBehaviour>;

export type SandboxAirbyteVersion = keyof typeof airbyteVersions;

export function isSandboxAirbyteVersion(version: string): version is SandboxAirbyteVersion {
  return Object.hasOwn(airbyteVersions, version);
}
