import { Argument, type Command } from 'commander';
import type { CommandContext } from '../command-context';
import { completedCommands } from '../completion/completed-commands';
import { SHELLS, type Shell } from '../completion/shell-scripts';

export function addCompletionCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('completion')
    .summary('print a script that completes commands in a shell')
    .description(
      'Prints a script by which a shell completes commands, options and files. bash: source <(temporal-airbyte completion bash). zsh: the same with zsh, after compinit. fish: temporal-airbyte completion fish | source. Put that line into the start-up file of the shell.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .action((shell: Shell) => {
      terminal.stdout.write(SHELLS[shell](completedCommands(program)));
    });
}
