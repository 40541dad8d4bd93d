import { airbyteVariables, documentation } from './variables';

const GROUPS = {
  Airbyte: 'Where Airbyte is.',
  Credentials:
    'Set one kind of credentials, or none where Airbyte asks for none: basic (`AIRBYTE_USERNAME` and `AIRBYTE_PASSWORD`), bearer (`AIRBYTE_TOKEN`), or the client credentials of an application (`AIRBYTE_CLIENT_ID` and `AIRBYTE_CLIENT_SECRET`). Two kinds are an error. Each of them may be in a file instead, which the variable with `_FILE` behind its name names.',
  Worker: 'How a worker takes its work. The commands that start work read the task queue as well.',
  Metrics:
    'Health checks and metrics of a worker. It can also send metrics to a collector, by the variables of OpenTelemetry: see [Operate](operate.md).',
  Webhooks:
    "Airbyte's notifications end the wait for a sync immediately, and can start workflows: see [Webhooks](webhooks.md).",
  Encryption: 'What Temporal stores can be encrypted: see [Encryption](encryption.md).',
  Secrets:
    'Documents name secrets, and the worker puts them in when it sends a configuration to Airbyte: see [Security](security.md).',
} as const;

const TEMPORAL = `## Temporal

| Variable | Default | Meaning |
| --- | --- | --- |
| \`TEMPORAL_ADDRESS\`, \`TEMPORAL_NAMESPACE\`, \`TEMPORAL_API_KEY\`, \`TEMPORAL_TLS_*\`, … | \`localhost:7233\`, \`default\` | Where Temporal is, [as every Temporal tool reads it](https://docs.temporal.io/develop/environment-configuration), \`temporal.toml\` included. |
| \`TEMPORAL_DEPLOYMENT_NAME\`, \`TEMPORAL_WORKER_BUILD_ID\` | | The Worker Deployment Version of a worker. Set both or neither: see [Upgrade the worker](upgrade.md). |
| \`TEMPORAL_UI_URL\` | | The address of Temporal's UI, for \`temporal-airbyte open --run\`. Left out, it is found for Temporal Cloud and for a server on this machine. |
| \`TEMPORAL_CLI\`, \`TEMPORAL_TEST_SERVER\` | | The paths of Temporal's programs, for the demo and the tests. |

## Logs, traces, network

Variables that other programs know by the same names: see [Operate](operate.md).

| Variable | Default | Meaning |
| --- | --- | --- |
| \`LOG_FORMAT\` | \`text\` | How every command, the worker included, writes to stderr: \`text\`, or \`json\` for one JSON object per line. |
| \`LOG_LEVEL\` | \`info\` | How much of it: \`error\`, \`warn\`, \`info\` or \`debug\`. \`--quiet\` (\`warn\`) and \`--verbose\` (\`debug\`) take precedence. |
| \`OTEL_EXPORTER_OTLP_ENDPOINT\`, \`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT\` | | Where [traces](operate.md#traces) are sent, by OTLP over HTTP. Left out, none are recorded. |
| \`OTEL_SERVICE_NAME\`, \`OTEL_TRACES_SAMPLER\`, \`OTEL_SDK_DISABLED\`, … | | Further [variables of OpenTelemetry](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). |
| \`HTTPS_PROXY\`, \`HTTP_PROXY\`, \`NO_PROXY\` | | The proxy for requests to Airbyte, as curl reads them. |
| \`NODE_EXTRA_CA_CERTS\` | | A PEM file with the certificates of further authorities, for Airbyte. A worker needs \`TEMPORAL_TLS_SERVER_CA_CERT_PATH\` for Temporal's. |
`;

/** The page docs/configuration.md, generated from the schema of the variables. */
export function configurationPage(): string {
  const groups = Object.entries(GROUPS).map(
    ([group, introduction]) =>
      `## ${group}\n\n${introduction}\n\n| Variable | Default | Meaning |\n| --- | --- | --- |\n${rowsOf(group).join('')}`,
  );
  return [
    '# Configuration\n\nThe worker and the command line read environment variables. A variable that is empty counts as not set. `temporal-airbyte doctor` checks them, and names those `AIRBYTE_*` that nothing reads.\n',
    ...groups,
    TEMPORAL,
  ].join('\n');
}

function rowsOf(group: string): string[] {
  return Object.entries(airbyteVariables.shape).flatMap(([name, schema]) => {
    const documented = documentation.get(schema);
    if (documented?.group !== group) return [];
    const names = documented.orFile ? `\`${name}\`, \`${name}_FILE\`` : `\`${name}\``;
    const example = documented.example === undefined ? '' : ` Example: \`${documented.example}\`.`;
    return `| ${names} | ${defaultOf(schema)} | ${documented.description}${example} |\n`;
  });
}

/** The default as an operator would write it. */
function defaultOf({ def }: (typeof airbyteVariables.shape)[keyof typeof airbyteVariables.shape]): string {
  return 'defaultValue' in def ? `\`${def.defaultValue}\`` : '';
}
