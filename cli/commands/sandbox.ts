import type { Command } from 'commander';
import { describeExit, type ProcessExit, SupervisedProcess } from '../../tools/supervised-process';
import { CliError } from '../cli-error';
import { type CommandContext, outputOf } from '../command-context';
import { sandboxEntry } from '../demo/entry-points';
import { parseSandboxReady, type SandboxReady } from '../demo/sandbox-ready';
import { EXIT, type ExitCode } from '../exit-codes';
import { Interruptions } from '../follow/interruption';
import type { Output } from '../render/output';

export function addSandboxCommand(program: Command, context: CommandContext): void {
  program
    .command('sandbox')
    .summary('run an Airbyte to develop against')
    .description('Runs an Airbyte to develop against on this machine. Not a replacement for Airbyte.')
    // The sandbox knows its own options; `sandbox --help` shows them.
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[options...]', 'the options of the sandbox: see `sandbox --help`')
    .action((args: string[]) => runSandbox(context, args));
}

async function runSandbox(context: CommandContext, args: string[]): Promise<void> {
  const json = args.includes('--json');
  const output = outputOf(context, { json });
  const { stdout, stderr, env } = context.terminal;
  const sandbox = new SupervisedProcess({
    name: 'The sandbox',
    file: process.execPath,
    args: [sandboxEntry(), ...args.filter((arg) => arg !== '--json')],
    env,
    onLine: (line, stream) => {
      const ready = stream === 'stdout' ? parseSandboxReady(line) : undefined;
      if (ready) output.result(ready, () => describeSandbox(ready, output));
      else if (stream === 'stderr') stderr.write(`${line}\n`);
      else if (!json) stdout.write(`${line}\n`);
    },
  });
  const interruptions = new Interruptions();
  void interruptions.next().then(() => sandbox.stop());
  const exit = await sandbox.exited;
  interruptions[Symbol.dispose]();
  if (exit.code !== 0) throw new CliError(exitCodeOf(exit), 'SandboxEnded', `The sandbox ${describeExit(exit)}.`);
}

function exitCodeOf({ code }: ProcessExit): ExitCode {
  return code === EXIT.badInput ? EXIT.badInput : EXIT.failed;
}

function describeSandbox({ url, controlUrl, controlToken, dataDir, shop }: SandboxReady, output: Output): string[] {
  const { paintResult: paint } = output;
  return [
    `The sandbox answers like Airbyte and really moves rows, for development only. It keeps nothing once it ends (Ctrl-C).`,
    '',
    'In another terminal:',
    paint('bold', `  export AIRBYTE_URL=${url}`),
    ...(shop ? [paint('bold', `  export SECRET_SHOP_PASSWORD=${shop.password}`)] : []),
    '  temporal-airbyte worker',
    '',
    `Its control calls (docs/sandbox.md) are at ${controlUrl}, with the header Authorization: Bearer ${controlToken}`,
    `Parquet files go to ${dataDir}`,
    ...(shop
      ? [
          `The shop, a PostgreSQL to read from: ${shop.host}:${shop.port}, database ${shop.database}, user ${shop.username}`,
        ]
      : []),
  ];
}
