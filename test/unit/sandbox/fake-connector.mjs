// A source that speaks the Airbyte protocol, for the tests of the child-process source. What it does is in its configuration.
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [command, ...options] = process.argv.slice(2);
const file = (name) => options[options.indexOf(`--${name}`) + 1];
const has = (name) => options.includes(`--${name}`);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

if (command === 'spec') {
  const properties = { token: { type: 'string', airbyte_secret: true }, mode: { type: 'string' } };
  say({ type: 'LOG', log: { level: 'INFO', message: 'starting' } });
  say({ type: 'SPEC', spec: { connectionSpecification: { type: 'object', properties } } });
  process.exit(0);
}

const config = JSON.parse(readFileSync(file('config'), 'utf8'));
if (config.witness) {
  const modes = ['config', 'catalog', 'state']
    .filter(has)
    .map((name) => (statSync(file(name)).mode & 0o777).toString(8));
  const witness = {
    command,
    folder: path.dirname(file('config')),
    modes,
    state: has('state') ? JSON.parse(readFileSync(file('state'), 'utf8')) : undefined,
    environment: Object.keys(process.env),
  };
  writeFileSync(config.witness, JSON.stringify(witness));
  // The files' own text: JSON.parse would round what is in them.
  for (const name of config.raw_witness ? ['config', 'catalog', 'state'].filter(has) : [])
    writeFileSync(`${config.witness}.${name}`, readFileSync(file(name)));
}
if (config.renewed) {
  const renewed = { ...config, token: config.renewed };
  delete renewed.renewed;
  say({ type: 'CONTROL', control: { type: 'CONNECTOR_CONFIG', emitted_at: 1, connectorConfig: { config: renewed } } });
}
if (config.mode === 'malformed' && command !== 'read') {
  if (command === 'check') say({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'FINE' } });
  else say({ type: 'CATALOG', catalog: { streams: [{ name: 'users' }] } });
} else if (command === 'check') {
  const ok = config.mode !== 'refuse';
  say({
    type: 'CONNECTION_STATUS',
    connectionStatus: ok ? { status: 'SUCCEEDED' } : { status: 'FAILED', message: `${config.token} is wrong` },
  });
} else if (command === 'discover') {
  say({
    type: 'CATALOG',
    catalog: {
      streams: config.streams ?? [
        {
          name: 'users',
          json_schema: { properties: { id: { type: 'integer' } } },
          supported_sync_modes: ['full_refresh'],
        },
      ],
    },
  });
} else if (config.lines) {
  // Just these lines; with `once`, none where there is a state: everything was sent before.
  if (!config.once || !has('state')) process.stdout.write(config.lines.map((line) => `${line}\n`).join(''));
  process.exitCode = config.exit ?? 0;
} else if (config.mode === 'cut') {
  process.stdout.write(config.part);
  process.exitCode = 3;
} else if (config.mode === 'fail') {
  say({
    type: 'TRACE',
    trace: {
      type: 'ERROR',
      emitted_at: 1,
      error: { message: `the token ${config.token} has expired`, failure_type: 'config_error' },
    },
  });
  process.exitCode = 1;
} else if (config.mode === 'crash') {
  process.stderr.write(`Traceback\nout of memory with ${config.token}\n`);
  process.exitCode = 3;
} else if (config.mode === 'hang') {
  say({ type: 'RECORD', record: { stream: 'users', data: { pid: process.pid }, emitted_at: 1 } });
  process.on('SIGTERM', () => {
    appendFileSync(config.ended, 'asked to end');
    process.exit(0);
  });
  setInterval(() => {}, 1_000);
} else {
  process.stdout.write('a line that is no message\n');
  say({ type: 'LOG', log: { level: 'INFO', message: `reading with ${config.token}` } });
  const record = JSON.stringify({
    type: 'RECORD',
    record: { stream: 'users', data: { id: 1, name: `Zoë ${config.token}` }, emitted_at: 1 },
  });
  // In two parts, and cut through the middle of a character.
  const bytes = Buffer.from(`${record}\n`);
  const cut = bytes.indexOf(0xc3) + 1;
  process.stdout.write(bytes.subarray(0, cut), () => {
    setTimeout(() => {
      process.stdout.write(bytes.subarray(cut));
      say({
        type: 'STATE',
        state: {
          type: 'STREAM',
          stream: { stream_descriptor: { name: 'users' }, stream_state: { id: 1 } },
          sourceStats: { recordCount: 1 },
        },
      });
    }, 20);
  });
}
