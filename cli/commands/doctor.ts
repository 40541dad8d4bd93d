import type { Command } from 'commander';
import { withoutControls } from '../../src/text/control-characters';
import { ReportedError } from '../cli-error';
import { type CommandContext, outputOf, withJson } from '../command-context';
import { EXIT } from '../exit-codes';
import type { CheckResult } from '../lookup/check-result';
import { type Check, doctorChecks } from '../lookup/doctor-checks';
import { presentFailure } from '../render/failure-presentation';
import type { Output } from '../render/output';
import { terminalWidth } from '../render/terminal';
import { wrapLines } from '../render/terminal-text';

export function addDoctorCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('doctor')
    .summary('check the set-up')
    .description(
      'Checks what a worker needs: Node.js, the environment, Airbyte and Temporal. Exits with 0 if no check fails, and with 3 if one does.',
    )
    .option('--fix', "register missing search attributes, and create the Nexus endpoint of the worker's task queue")
    .action(async (options: { json?: boolean; fix?: boolean }) => {
      const output = outputOf(context, options);
      output.note('Checking what is needed to run Airbyte from Temporal:');
      const checks: ({ name: string } & CheckResult)[] = [];
      for (const check of doctorChecks(context.terminal)) {
        const { fix, ...found } = await runStep(check.run);
        const result = fix && options.fix ? await runStep(fix) : found;
        checks.push({ name: check.name, ...result });
        if (!output.json)
          for (const line of describe(output, check.name, result)) context.terminal.stdout.write(`${line}\n`);
      }
      const failed = checks.filter(({ status }) => status === 'failed');
      if (output.json) output.document({ ok: failed.length === 0, checks });
      if (failed.length > 0) throw new DoctorFoundProblems(failed.map(({ name }) => name));
      if (!output.json) context.terminal.stdout.write('Everything that is needed is in place.\n');
    });
  withJson(command);
}

class DoctorFoundProblems extends ReportedError {
  constructor(names: string[]) {
    super(EXIT.outOfReach, 'DoctorFoundProblems', `failed checks: ${names.join(', ')}.`);
  }
}

async function runStep(step: Check['run']): Promise<CheckResult> {
  try {
    return await step();
  } catch (error) {
    return { status: 'failed', message: presentFailure(error).message };
  }
}

function describe(
  { terminal: { stdout }, paintResult: paint }: Output,
  name: string,
  { status, message, hint }: CheckResult,
): string[] {
  const mark = { ok: paint('green', '✓'), warning: paint('yellow', '!'), failed: paint('red', '✗') }[status];
  const [first = '', ...rest] = withoutControls(message).split('\n');
  const width = terminalWidth(stdout);
  return [
    wrapLines(`${mark} ${paint('bold', name)}: ${first}`, width),
    ...rest.map((line) => wrapLines(`    ${line}`, width)),
    // Not wrapped: it has commands, which a user copies.
    ...(hint === undefined ? [] : [`    → ${hint}`]),
  ];
}
