import { z } from 'zod';
import { normalizeAirbyteUrl } from '../airbyte/airbyte-url';
import { durationMs } from '../contract/duration';
import { DEFAULT_TASK_QUEUE } from '../contract/workflow-ids';
import { messageOf } from '../text/error-message';
import { hasControlCharacter } from '../text/secret-values';
import { readPort } from './port';

/** What docs/configuration.md says of a variable, apart from its default. */
interface Documentation {
  group: 'Airbyte' | 'Credentials' | 'Worker' | 'Metrics' | 'Webhooks' | 'Encryption' | 'Secrets';
  description: string;
  example?: string;
  /** The variable may be left out in favour of `<name>_FILE`, the path of a file that holds its value. */
  orFile?: true;
}

/** Where a server listens. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** The documentation of each variable of {@link airbyteVariables}. */
export const documentation = z.registry<Documentation>();

/** Syncs that a worker runs concurrently unless `AIRBYTE_MAX_CONCURRENT_SYNCS` says otherwise. */
const DEFAULT_MAXIMUM_CONCURRENT_SYNCS = 10_000;

/** The variables that documents may name unless `AIRBYTE_SECRET_NAMES` says otherwise. */
export const DEFAULT_SECRET_NAMES = 'SECRET_*';

/** Where the files of secrets are unless `AIRBYTE_SECRET_DIR` says otherwise: Docker and Kubernetes put them there. */
export const DEFAULT_SECRET_DIR = '/run/secrets';

/** Only this machine reaches it. */
const LOOPBACK = '127.0.0.1';

/** The task queue is part of workflow ids, which Temporal limits to 1,000 bytes. */
const MAXIMUM_TASK_QUEUE_LENGTH = 200;

const credential = z
  .string()
  .refine(
    (value) => !hasControlCharacter(value),
    'has a line break or another control character in the middle, which no header may have. Set it to the credential and nothing else.',
  );

/**
 * Every variable `AIRBYTE_*`: how its text is checked, what it becomes, its default, and what it is for. A message continues
 * the name of its variable: `AIRBYTE_URL is not set. …`. docs/configuration.md is generated from this schema.
 */
export const airbyteVariables = z.object({
  AIRBYTE_URL: z
    .string({
      error:
        'is not set. Set it to the Config API of your Airbyte server, like http://localhost:8001/api/v1, or to its public API, like https://api.airbyte.com/v1.',
    })
    .transform(parsedBy((text) => normalizeAirbyteUrl(text.trim()).url, 'cannot be used. '))
    .register(documentation, {
      group: 'Airbyte',
      description:
        'The Configuration API of your Airbyte, or its public API: `http://host:8001/api/v1`, `http://host:8000/api/public/v1`, `https://api.airbyte.com/v1`. A path that is left out is `/api/v1`.',
      example: 'http://localhost:8000',
    }),
  AIRBYTE_NAME: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'cannot be used: expected at most 100 letters, digits, dots, hyphens and underscores.')
    .optional()
    .register(documentation, {
      group: 'Airbyte',
      description:
        'What you call this Airbyte, the same for all workers of a task queue. Needed only [where workers reach it by different addresses](call-from-a-workflow.md#two-airbytes-in-one-namespace).',
      example: 'production',
    }),
  AIRBYTE_WEBAPP_URL: z.string().transform(parsedBy(webappAddress)).optional().register(documentation, {
    group: 'Airbyte',
    description:
      "The address at which users open Airbyte, for the links in Temporal's UI. Left out, it is detected if the API's host serves it.",
    example: 'https://airbyte.example.com',
  }),
  AIRBYTE_PROXY: z.string().optional().register(documentation, {
    group: 'Airbyte',
    description:
      'The proxy for requests to Airbyte, also for an Airbyte on this machine. It takes precedence over `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, which are read as curl reads them.',
    example: 'http://proxy.example.com:3128',
  }),

  AIRBYTE_HEADERS_FILE: z.string().optional().register(documentation, {
    group: 'Airbyte',
    description:
      'The path of a file with headers that each request to Airbyte has in addition, one `Name: value` per line, for a proxy in front of Airbyte that [identifies its callers](operate.md#proxies-certificates-and-headers). It is read again for each request.',
    example: '/run/secrets/airbyte-headers',
  }),
  AIRBYTE_SEND_TRACEPARENT: z
    .enum(['true', 'false'], { error: "cannot be used: expected 'true' or 'false'." })
    .default('false')
    .transform((text) => text === 'true')
    .register(documentation, {
      group: 'Airbyte',
      description:
        'Whether requests to Airbyte carry `traceparent`, so that [traces](operate.md#traces) continue in Airbyte and in the gateways in front of it.',
    }),

  AIRBYTE_USERNAME: credential.optional().register(documentation, {
    group: 'Credentials',
    description: 'The user name of basic authentication, together with `AIRBYTE_PASSWORD`.',
    orFile: true,
  }),
  AIRBYTE_PASSWORD: credential.optional().register(documentation, {
    group: 'Credentials',
    description: 'The password of basic authentication.',
    orFile: true,
  }),
  AIRBYTE_TOKEN: credential
    .regex(/^[\x21-\x7e]+$/, 'has characters that no token has, such as blanks or line ends.')
    .optional()
    .register(documentation, { group: 'Credentials', description: 'A bearer token.', orFile: true }),
  AIRBYTE_CLIENT_ID: credential.optional().register(documentation, {
    group: 'Credentials',
    description: 'The client id of an Airbyte application, together with `AIRBYTE_CLIENT_SECRET`.',
    orFile: true,
  }),
  AIRBYTE_CLIENT_SECRET: credential.optional().register(documentation, {
    group: 'Credentials',
    description:
      'The client secret of an Airbyte application. The worker renews the tokens of the application before they expire.',
    orFile: true,
  }),

  AIRBYTE_TASK_QUEUE: z
    .string()
    .refine(
      (name) => name.length <= MAXIMUM_TASK_QUEUE_LENGTH && name === name.trim() && !/\p{Cc}/u.test(name),
      `cannot be used: expected at most ${MAXIMUM_TASK_QUEUE_LENGTH} characters, without blanks at either end and without control characters.`,
    )
    .default(DEFAULT_TASK_QUEUE)
    .register(documentation, {
      group: 'Worker',
      description: "The worker's task queue. Give each Airbyte a task queue of its own.",
    }),
  AIRBYTE_POLL_INTERVAL: z
    .string()
    .transform(parsedBy(durationMs, 'cannot be used: ', '.'))
    .prefault('2s')
    .register(documentation, {
      group: 'Worker',
      description:
        'The polling interval: the time between two polls of running jobs. The worker polls long jobs [less often](limits.md).',
    }),
  AIRBYTE_MAX_CONCURRENT_SYNCS: z
    .string()
    .transform(parsedBy((text) => numberAboveZero(text, { whole: true })))
    .prefault(String(DEFAULT_MAXIMUM_CONCURRENT_SYNCS))
    .register(documentation, {
      group: 'Worker',
      description: 'How many syncs a worker runs concurrently, each from the start of its job to its end.',
    }),
  AIRBYTE_MAX_REQUESTS_PER_SECOND: z
    .string()
    .transform(parsedBy((text) => numberAboveZero(text, { whole: false })))
    .optional()
    .register(documentation, {
      group: 'Worker',
      description:
        'The rate limit for requests to Airbyte of all workers of the task queue together. Left out, there is none.',
      example: '10',
    }),

  AIRBYTE_METRICS_ADDRESS: z
    .string()
    .transform(parsedBy(listenAddress, 'cannot be used: ', '.'))
    .optional()
    .register(documentation, {
      group: 'Metrics',
      description:
        'The port, or the address and port, at which a worker serves `/livez`, `/readyz` and `/metrics`; with a port alone, at 127.0.0.1. Left out, it serves none.',
      example: '9464',
    }),

  AIRBYTE_WEBHOOK_PORT: z
    .string()
    .transform(parsedBy((text) => readPort(text), 'cannot be used: ', '.'))
    .optional()
    .register(documentation, {
      group: 'Webhooks',
      description:
        'The port at which the worker listens for notifications from Airbyte. Left out, it does not listen. `worker --webhook PORT` takes precedence.',
      example: '8400',
    }),
  AIRBYTE_WEBHOOK_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'cannot be used: expected the address of a network interface, like 0.0.0.0.')
    .default(LOOPBACK)
    .register(documentation, {
      group: 'Webhooks',
      description: 'The address at which it listens. `0.0.0.0` accepts connections from other machines.',
    }),
  AIRBYTE_WEBHOOK_SECRET: z
    .string()
    .regex(
      /^[\w-]{16,200}$/,
      'cannot be used: expected 16 to 200 letters, digits, hyphens and underscores, such as the output of `openssl rand -hex 24`.',
    )
    .optional()
    .register(documentation, {
      group: 'Webhooks',
      description:
        'The last part of the path that notifications are sent to, 16 to 200 characters. Airbyte does not sign notifications, so only this shows that one may come from Airbyte.',
      orFile: true,
    }),
  AIRBYTE_WEBHOOK_URL: z.string().transform(parsedBy(webhookAddress)).optional().register(documentation, {
    group: 'Webhooks',
    description: 'The address by which Airbyte reaches the workers, for `temporal-airbyte webhook`.',
    example: 'http://airbyte-worker:8400',
  }),
  AIRBYTE_WEBHOOK_ROUTES: z.string().optional().register(documentation, {
    group: 'Webhooks',
    description:
      'The path of a file that says which workflows start when syncs have ended: see [Webhooks](webhooks.md#routes).',
    example: '/etc/temporal-airbyte/webhook-routes.yaml',
  }),

  AIRBYTE_CODEC_KEYS_FILE: z.string().optional().register(documentation, {
    group: 'Encryption',
    description:
      'The path of a file of keys. If it is set, all inputs, results, failures and details are encrypted before they are sent to Temporal. Set it to the same keys for the workers and for every command.',
    example: '/run/secrets/temporal-codec-keys',
  }),
  AIRBYTE_CODEC_TOKEN: z
    .string()
    .regex(
      /^[\w-]{32,200}$/,
      'cannot be used: expected 32 to 200 letters, digits, hyphens and underscores, such as the output of `openssl rand -hex 24`.',
    )
    .optional()
    .register(documentation, {
      group: 'Encryption',
      description:
        'A token that `temporal-airbyte codec-server` requires, as a bearer token or as the last part of the address before `/decode`. 32 to 200 characters.',
      orFile: true,
    }),
  AIRBYTE_CODEC_ISSUER: z.string().transform(parsedBy(issuerAddress)).optional().register(documentation, {
    group: 'Encryption',
    description:
      "The issuer of the access tokens of Temporal's UI, which `temporal-airbyte codec-server` accepts: an OpenID provider.",
    example: 'https://login.example.com',
  }),
  AIRBYTE_CODEC_AUDIENCE: z.string().optional().register(documentation, {
    group: 'Encryption',
    description: 'The audience that an access token of that issuer must have. Required with `AIRBYTE_CODEC_ISSUER`.',
    example: 'temporal-ui',
  }),
  AIRBYTE_CODEC_USERS: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((user) => user !== ''))
    .optional()
    .register(documentation, {
      group: 'Encryption',
      description:
        'The users, separated by commas, whose access tokens are accepted: their email addresses or the subjects of their tokens. Left out, every user of the issuer who has a token for that audience.',
      example: 'ada@example.com, grace@example.com',
    }),

  AIRBYTE_SECRET_NAMES: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((pattern) => pattern !== ''))
    .transform((patterns) => (patterns.length === 0 ? [DEFAULT_SECRET_NAMES] : patterns))
    .prefault(DEFAULT_SECRET_NAMES)
    .register(documentation, {
      group: 'Secrets',
      description:
        'Patterns, separated by commas, of the variables that documents may name as `${env:NAME}`. No other variable of the worker can be read.',
      example: 'SECRET_*, SHOP_PASSWORD',
    }),
  AIRBYTE_SECRET_DIR: z.string().default(DEFAULT_SECRET_DIR).register(documentation, {
    group: 'Secrets',
    description: 'The folder whose files documents may name as `${file:name}`.',
  }),
  AIRBYTE_SECRET_RULES: z.string().optional().register(documentation, {
    group: 'Secrets',
    description:
      'The path of a file that says to which hosts each secret may be sent. Left out, a document may send a secret to any host: see [Security](security.md).',
    example: '/etc/temporal-airbyte/secret-rules.yaml',
  }),
});

export type AirbyteVariable = keyof typeof airbyteVariables.shape;

/** A transform that reports what `parse` throws as an issue: the prefix, the parser's message, the suffix. */
function parsedBy<T>(parse: (text: string) => T, prefix = '', suffix = '') {
  return (text: string, context: z.RefinementCtx): T => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: `${prefix}${messageOf(error)}${suffix}` });
      return z.NEVER;
    }
  };
}

/** @throws TypeError when the text is no address, or one with credentials, a query or a fragment */
function webappAddress(text: string): string {
  return plainAddress(
    text,
    'is not the address of a web app. Set it to where users open Airbyte, like https://airbyte.example.com',
  );
}

/** @throws TypeError when the text is no address, or one with credentials, a query or a fragment */
function webhookAddress(text: string): string {
  return plainAddress(
    text,
    'is not an address that Airbyte can call. Set it to how Airbyte reaches the worker, like http://airbyte-worker:8400',
  );
}

function plainAddress(text: string, problem: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new TypeError(`${problem}, without credentials, '?' or '#'.`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** @throws TypeError when the text is no address of an issuer, or one without TLS, on which others could change its keys */
function issuerAddress(text: string): string {
  const address = plainAddress(text, 'is not the address of an issuer. Set it to one like https://login.example.com');
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return text.trim();
  throw new TypeError('must begin with https://, because the keys of the issuer are read from there.');
}

/** Reads `9464`, `0.0.0.0:9464` or `[::1]:9464`. @throws TypeError */
function listenAddress(text: string): ListenAddress {
  const [, host, port] = /^(?:(\[[\da-f:.]+\]|[\w.-]+):)?(\d+)$/i.exec(text.trim()) ?? [];
  if (port === undefined) {
    throw new TypeError(`'${text}' is no port, such as 9464, and no address like 0.0.0.0:9464`);
  }
  return { host: host?.replace(/^\[|\]$/g, '') ?? LOOPBACK, port: readPort(port) };
}

/** @throws TypeError when the text is no number above 0, or has decimals where there must be none */
function numberAboveZero(text: string, { whole }: { whole: boolean }): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && (!whole || Number.isSafeInteger(value))) return value;
  throw new TypeError(`cannot be used: '${text}' is no number above 0${whole ? ' without decimals' : ''}.`);
}
