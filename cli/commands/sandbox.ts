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
    .summary('run an Airbyte sandbox for development')
    .description('Runs an Airbyte sandbox on this machine, for development. It does not replace Airbyte.')
    // The sandbox has its own options, which `sandbox --help` shows.
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[options...]', 'options of the sandbox, which `temporal-airbyte sandbox --help` shows')
    .action((args: string[]) => runSandbox(context, args));
}

async function runSandbox(context: CommandContext, args: string[]): Promise<void> {
  const json = args.includes('--json');
  const output = outputOf(context, { json });
  const { stdout, env } = context.terminal;
  const sandbox = new SupervisedProcess({
    name: 'The sandbox',
    file: process.execPath,
    args: [sandboxEntry(), ...args.filter((arg) => arg !== '--json')],
    env,
    onLine: (line, stream) => {
      const ready = stream === 'stdout' ? parseSandboxReady(line) : undefined;
      if (ready) output.result(ready, () => describeSandbox(ready, output));
      else if (stream === 'stderr') output.note(line);
      else if (!json) stdout.write(`${line}\n`);
    },
  });
  const interruptions = new Interruptions(context.terminal.signals);
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
    `The sandbox behaves like Airbyte and really moves rows. It is for development only, and keeps nothing after it ends (Ctrl-C), unless --state-dir names a folder.`,
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
          `The shop, a PostgreSQL database to read from: ${shop.host}:${shop.port}, database ${shop.database}, user ${shop.username}`,
        ]
      : []),
  ];
}
