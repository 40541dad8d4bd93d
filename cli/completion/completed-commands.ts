import type { Command, Option } from 'commander';

/** What a shell can complete behind a command. */
export interface CompletedCommand {
  /** The words of the command: `schedule create`; empty for the program itself. */
  path: string;
  /** The commands in it. */
  commands: Described[];
  options: CompletedOption[];
  /** What its arguments may be; a name of a connection is not known here. */
  values: readonly string[];
  /** Whether its arguments are files. */
  takesFiles: boolean;
}

export interface Described {
  name: string;
  description: string;
}

export interface CompletedOption extends Described {
  /** The short form: `-h`. */
  short: string | undefined;
  takesValue: boolean;
  values: readonly string[];
  takesFiles: boolean;
}

/** All commands of a program, the program itself first. */
export function completedCommands(program: Command): CompletedCommand[] {
  return commandsUnder(program, '', program.options);
}

/** @param global the options that every command has */
function commandsUnder(command: Command, path: string, global: readonly Option[]): CompletedCommand[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const own = help.visibleOptions(command);
  const { registeredArguments } = command;
  return [
    {
      path,
      commands: commands.map((each) => ({ name: each.name(), description: each.summary() || each.description() })),
      options: [...own, ...global.filter((option) => !own.includes(option))].map(toOption),
      values: registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
      takesFiles: registeredArguments.some((argument) => isFile(argument.name())),
    },
    ...command.commands.flatMap((each) => commandsUnder(each, `${path} ${each.name()}`.trim(), global)),
    // commander shows the command `help`, but does not list it.
    ...commands.filter((each) => !command.commands.includes(each)).map((each) => helpOf(command, path, each)),
  ];
}

/** `help`, whose argument is a command. */
function helpOf(command: Command, path: string, help: Command): CompletedCommand {
  const values = command.commands.map((each) => each.name());
  return { path: `${path} ${help.name()}`.trim(), commands: [], options: [], values, takesFiles: false };
}

function toOption({ long, short, flags, description, argChoices = [], required, optional }: Option): CompletedOption {
  const [, valueName = ''] = /[<[](?<value>[\w-]+)/.exec(flags) ?? [];
  return {
    ...{ name: long ?? short ?? flags, short, description, takesValue: required || optional, values: argChoices },
    takesFiles: isFile(valueName),
  };
}

/** The names of files in our arguments: `<file>`, `<files...>`, `<folder>`. */
function isFile(name: string): boolean {
  return /^(?:files?|folder)$/.test(name);
}
