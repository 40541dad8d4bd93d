import { Command, CommanderError } from 'commander';
import { oneLine } from '../src/text/control-characters';
import type { Mask } from '../src/text/masking/secret-mask';
import { PACKAGE_VERSION } from '../src/text/package';
import { startTracing } from '../worker/tracing/tracing';
import { CliError, ReportedError } from './cli-error';
import type { CommandContext } from './command-context';
import { addApplyCommand } from './commands/apply';
import { addCancelCommand } from './commands/cancel';
import { addCodecServerCommand } from './commands/codec-server';
import { addCompletionCommand } from './commands/completion';
import { addDemoCommand } from './commands/demo';
import { addDoctorCommand } from './commands/doctor';
import { addImportCommand } from './commands/import';
import { addInitCommand } from './commands/init';
import { addListCommand } from './commands/list';
import { addLogsCommand } from './commands/logs';
import { addOpenCommand } from './commands/open';
import { addPlanCommand } from './commands/plan';
import { addRunCommand } from './commands/run';
import { addSandboxCommand } from './commands/sandbox';
import { addScheduleCommand } from './commands/schedule';
import { addStatusCommand } from './commands/status';
import { addSyncCommand } from './commands/sync';
import { addValidateCommand } from './commands/validate';
import { addWebhookCommand } from './commands/webhook';
import { addWorkerCommand } from './commands/worker';
import { EXIT, type ExitCode } from './exit-codes';
import { checkLogVariables, commandNameIn, withGlobalOptions, withLogSettings } from './global-options';
import { maskOfEnvironment } from './render/environment-mask';
import { presentFailure } from './render/failure-presentation';
import { Output } from './render/output';
import { sanitizedTerminal } from './render/sanitized-terminal';
import { type Terminal, terminalWidth } from './render/terminal';

/** The longest arguments are paths, and systems accept at most 4,096 bytes for those. */
const MAXIMUM_ARGUMENT_LENGTH = 5_000;

const BEFORE_HELP =
  'Runs Airbyte from Temporal: pipelines and syncs that survive crashes and restarts, with retries and a history.\n';

const AFTER_HELP = `
New here? \`temporal-airbyte demo\` shows everything on this machine and needs no set-up.

Environment:
  AIRBYTE_URL           Airbyte's Config API, such as http://localhost:8001/api/v1,
                        or its public API, such as https://api.airbyte.com/v1
  AIRBYTE_USERNAME and AIRBYTE_PASSWORD, or AIRBYTE_TOKEN,
  or AIRBYTE_CLIENT_ID and AIRBYTE_CLIENT_SECRET
                        credentials, if your Airbyte requires any; …_FILE names a
                        file to read a secret from
  AIRBYTE_TASK_QUEUE    task queue of the workers and of what you start
                        (default: airbyte)
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…
                        your Temporal server (default: localhost:7233, namespace
                        default)

Exit codes:
  0    done
  1    the sync or pipeline failed
  2    bad usage or input
  3    Temporal or Airbyte is out of reach, or rejects the credentials
  130  interrupted
With \`plan --detailed-exitcode\`: 0 nothing to do, 2 changes, 1 any error`;

/**
 * Runs one command line.
 *
 * @param args without the interpreter and the script
 */
export async function runCli(args: string[], given: Terminal): Promise<ExitCode> {
  const terminal = withLogSettings(args, sanitizedTerminal(given, maskFor(args, given)));
  const context: CommandContext = { terminal };
  const program = createProgram(context);
  try {
    rejectLongArguments(args);
    await inTrace(args, terminal, () => program.parseAsync(args, { from: 'user' }));
    return context.exitCode ?? EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return handleParseError(error, program, args, terminal);
    const presented = presentFailure(error);
    const failure = { ...presented, exitCode: toDetailedExitCode(presented.exitCode, args) };
    new Output(terminal, wantsJson(args) && !(error instanceof ReportedError)).failure(failure);
    return failure.exitCode;
  }
}

/** These commands run for long, and what they do belongs to many traces. */
const WITHOUT_TRACE: readonly string[] = ['worker', 'codec-server', 'sandbox', 'demo'];

/** Runs a command as one trace, if the environment asks for traces. */
async function inTrace(args: string[], terminal: Terminal, run: () => Promise<unknown>): Promise<void> {
  const name = commandNameIn(args);
  const isTraced = name !== undefined && /^[a-z]/.test(name) && !WITHOUT_TRACE.includes(name);
  const output = new Output(terminal, false);
  const tracing = isTraced ? startTracing(terminal.env, (message) => output.warn(oneLine(message))) : undefined;
  try {
    await (tracing ? tracing.inSpan(`temporal-airbyte ${name}`, run) : run());
  } finally {
    await tracing?.shutdown();
  }
}

/** @throws CliError when an argument is longer than any name, id, duration or path can be */
function rejectLongArguments(args: readonly string[]): void {
  const index = args.findIndex((arg) => arg.length > MAXIMUM_ARGUMENT_LENGTH);
  if (index < 0) return;
  const before = args[index - 1];
  const which = before?.startsWith('--') ? `The value of ${before.slice(0, 50)}` : `The argument ${index + 1}`;
  throw CliError.badInput(`${which} is longer than ${MAXIMUM_ARGUMENT_LENGTH} characters.`);
}

/** The passwords of a sandbox are shown: it generated them itself, and the user needs them. All other output is masked. */
function maskFor(args: string[], { env }: Terminal): Mask {
  const command = commandNameIn(args);
  return command === 'sandbox' || command === 'demo' ? (text) => text : maskOfEnvironment(env);
}

/** With `--detailed-exitcode`, 2 means that the plan has changes, so no error may exit with 2. */
function toDetailedExitCode(exitCode: ExitCode, args: string[]): ExitCode {
  return args.includes('--detailed-exitcode') && exitCode !== EXIT.interrupted ? EXIT.failed : exitCode;
}

/** The whole command line: every command, argument and option. */
export function createProgram(context: CommandContext): Command {
  const { stdout, stderr } = context.terminal;
  const program = withGlobalOptions(new Command('temporal-airbyte'))
    .version(PACKAGE_VERSION, '-v, --version', 'show the version')
    .helpOption('-h, --help', 'show the help of the command')
    .helpCommand('help [command]', 'show the help of a command')
    .hook('preAction', () => checkLogVariables(context.terminal.env))
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // runCli reports the error, in the same form as every other failure.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(terminalWidth(stdout), 110),
      getErrHelpWidth: () => Math.min(terminalWidth(stderr), 110),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('before', BEFORE_HELP)
    .addHelpText('after', AFTER_HELP);
  addInitCommand(program, context);
  addRunCommand(program, context);
  addValidateCommand(program, context);
  addPlanCommand(program, context);
  addApplyCommand(program, context);
  addImportCommand(program, context);
  addSyncCommand(program, context);
  addCancelCommand(program, context);
  addCodecServerCommand(program, context);
  addScheduleCommand(program, context);
  addStatusCommand(program, context);
  addLogsCommand(program, context);
  addOpenCommand(program, context);
  addListCommand(program, context);
  addWorkerCommand(program, context);
  addWebhookCommand(program, context);
  addDoctorCommand(program, context);
  addDemoCommand(program, context);
  addSandboxCommand(program, context);
  addCompletionCommand(program, context);
  return program;
}

/** Commander throws after it has printed a help text as well as after an error. */
function handleParseError(error: CommanderError, program: Command, args: string[], terminal: Terminal): ExitCode {
  if (error.exitCode === 0) return EXIT.done;
  if (error.code !== 'commander.help') {
    const reason = error.message
      .replace(/^error: (command-argument (?=value))?/, '')
      .replaceAll('\n', ' ')
      .replace(/\.$/, '');
    const message = `${reason}. \`${commandLine(program, args)} --help\` shows the usage.`;
    const exitCode = toDetailedExitCode(EXIT.badInput, args);
    new Output(terminal, wantsJson(args)).failure({ type: 'InvalidInput', message, exitCode });
    return exitCode;
  }
  return EXIT.badInput;
}

/** The command that the arguments name, as far as they name one. */
function commandLine(program: Command, args: string[]): string {
  const names = [program.name()];
  let command = program;
  for (const arg of args.filter((arg) => !arg.startsWith('-'))) {
    const next = command.commands.find((one) => one.name() === arg);
    if (!next) break;
    names.push(arg);
    command = next;
  }
  return names.join(' ');
}

function wantsJson(args: string[]): boolean {
  return args.includes('--json');
}
