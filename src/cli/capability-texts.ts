import { type AirbyteCapabilities, STARTABLE_JOB_TYPES } from '../airbyte/capabilities';

const APIS = { config: 'Config API', public: 'public API' };

/** What an Airbyte server can do, in lines for people. */
export function describeCapabilities(capabilities: AirbyteCapabilities): string[] {
  const { flavour, version, jobTypes } = capabilities;
  const abilities: [able: boolean, what: string][] = [
    ...STARTABLE_JOB_TYPES.map((type): [boolean, string] => [jobTypes.includes(type), type]),
    [capabilities.connectionChecks, 'connection checks'],
    [capabilities.jobLogs, 'job logs'],
    [capabilities.changeFeed !== 'none', 'changes of all jobs at once'],
    [capabilities.workspaceList !== 'none', 'list of workspaces'],
    [capabilities.definitionsPerWorkspace, 'connectors per workspace'],
    [capabilities.specifications, "connectors' specifications"],
    [capabilities.tokens, 'tokens for client credentials'],
  ];
  const namesOf = (wanted: boolean) => abilities.filter(([able]) => able === wanted).map(([, what]) => what);
  const lacking = namesOf(false);
  return [
    `Airbyte${version === undefined ? '' : ` ${version}`} by its ${APIS[flavour]}`,
    `can: ${namesOf(true).join(', ')}`,
    ...(lacking.length === 0 ? [] : [`cannot: ${lacking.join(', ')}`]),
  ];
}
