import type { AirbyteCapabilities, UncertainCapability } from '../../src/airbyte/capabilities';
import { STARTABLE_JOB_TYPES } from '../../src/contract/job-types';

const APIS = { config: 'Config API', public: 'public API' };

/** What an Airbyte server can do, in lines for people. */
export function describeCapabilities(capabilities: AirbyteCapabilities): string[] {
  const { flavour, version, jobTypes, uncertain = [] } = capabilities;
  const abilities: [able: boolean, what: string, name?: UncertainCapability][] = [
    ...STARTABLE_JOB_TYPES.map((type): [boolean, string, UncertainCapability] => [jobTypes.includes(type), type, type]),
    [capabilities.connectionChecks, 'connection checks', 'connectionChecks'],
    [capabilities.jobLogs, 'job logs', 'jobLogs'],
    [capabilities.changeFeed !== 'none', 'changes of all jobs at once'],
    [capabilities.workspaceList !== 'none', 'list of workspaces'],
    [capabilities.definitionsPerWorkspace, 'connectors per workspace', 'definitionsPerWorkspace'],
    [capabilities.specifications, "connectors' specifications", 'specifications'],
    [capabilities.tokens, 'tokens for client credentials'],
  ];
  const isUncertain = (name: UncertainCapability | undefined) => name !== undefined && uncertain.includes(name);
  const namesOf = (wanted: boolean) =>
    abilities.filter(([able, , name]) => able === wanted && !isUncertain(name)).map(([, what]) => what);
  const lacking = namesOf(false);
  const doubtful = abilities.filter(([, , name]) => isUncertain(name)).map(([, what]) => what);
  return [
    `Airbyte${version === undefined ? '' : ` ${version}`} by its ${APIS[flavour]}`,
    `can: ${namesOf(true).join(', ')}`,
    ...(lacking.length === 0 ? [] : [`cannot: ${lacking.join(', ')}`]),
    ...(doubtful.length === 0
      ? []
      : [
          `does not tell: ${doubtful.join(', ')} (either these credentials lack the right, or this Airbyte lacks the call; with authentication on it answers alike)`,
        ]),
  ];
}
