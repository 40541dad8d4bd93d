import { EXIT, type ExitCode } from './exit-codes';

/** An error that a command itself explains to the user. */
export class CliError extends Error {
  override name = 'CliError';

  /**
   * @param type for `--json`: the kind of error, named like the failure types
   * @param message one paragraph: what happened, and what to do
   * @param details for `--json`: further data
   */
  constructor(
    readonly exitCode: ExitCode,
    readonly type: string,
    message: string,
    readonly details?: unknown,
  ) {
    super(message);
  }

  /** The command line or its input is invalid. */
  static badInput(message: string): CliError {
    return new CliError(EXIT.badInput, 'InvalidInput', message);
  }

  /** The user pressed Ctrl-C, or the process received a signal to end. */
  static interrupted(message: string): CliError {
    return new CliError(EXIT.interrupted, 'Interrupted', message);
  }
}

/** An error of a command that has already printed its document: with `--json`, no second document follows. */
export class ReportedError extends CliError {}
