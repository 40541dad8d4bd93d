import { EXIT, type ExitCode } from './exit-codes';

/** An end of a command that is not success and that the command itself can explain. */
export class CliError extends Error {
  override name = 'CliError';

  /**
   * @param type for `--json`: which end this is, in the style of the failure types
   * @param message one paragraph: what happened, and what to do
   * @param details for `--json`: what is known beside it
   */
  constructor(
    readonly exitCode: ExitCode,
    readonly type: string,
    message: string,
    readonly details?: unknown,
  ) {
    super(message);
  }

  /** The command cannot be carried out as it was given. */
  static badInput(message: string): CliError {
    return new CliError(EXIT.badInput, 'InvalidInput', message);
  }

  /** The person pressed Ctrl-C, or the process was asked to end. */
  static interrupted(message: string): CliError {
    return new CliError(EXIT.interrupted, 'Interrupted', message);
  }
}

/** The same of a command whose document is on stdout already: with `--json`, it stays the only one. */
export class ReportedError extends CliError {}
