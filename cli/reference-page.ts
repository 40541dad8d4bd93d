import type { Argument, Command, Option } from 'commander';

/** The page docs/cli.md, generated from the program itself, so that it names all that the program takes. */
export function cliPage(program: Command): string {
  const commands = commandsUnder(program);
  return [
    '# The command line',
    `Every command, with its arguments and options, as \`temporal-airbyte COMMAND --help\` shows them. The [README](../README.md#commands) has an overview with the exit codes, and [Configuration](configuration.md) the environment variables.`,
    table(
      ['Command', 'What it does'],
      commands.map((command) => [
        `[\`${nameOf(command)}\`](#${nameOf(command).replaceAll(' ', '-')})`,
        escapeMarkdown(command.summary() || command.description()),
      ]),
    ),
    '## Every command',
    optionTable(program),
    ...commands.map(sectionOf),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The commands that do something, without the groups that they are in. */
function commandsUnder(command: Command): Command[] {
  const { commands } = command;
  return commands.length === 0 ? [command] : commands.flatMap(commandsUnder);
}

function sectionOf(command: Command): string {
  const { registeredArguments } = command;
  return [
    `## ${nameOf(command)}`,
    `\`${['temporal-airbyte', nameOf(command), ...registeredArguments.map(argumentTerm)].join(' ')}\``,
    escapeMarkdown(command.description()),
    ...(registeredArguments.length === 0 ? [] : [argumentTable(registeredArguments)]),
    ...(visibleOptions(command).length === 0 ? [] : [optionTable(command)]),
  ].join('\n\n');
}

/** `schedule create` */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${nameOf(parent)} ${command.name()}` : command.name();
}

function argumentTerm(argument: Argument): string {
  const text = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${text}>` : `[${text}]`;
}

function argumentTable(args: readonly Argument[]): string {
  const rows = args.map((argument) => [`\`${argumentTerm(argument)}\``, meaningOf(argument)]);
  return table(['Argument', 'Meaning'], rows);
}

function optionTable(command: Command): string {
  const rows = visibleOptions(command).map((option) => [`\`${option.flags}\``, meaningOf(option)]);
  return table(['Option', 'Meaning'], rows);
}

function visibleOptions(command: Command): Option[] {
  // The help option is an option of every command, and documented with those.
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => command.parent === null || option.long !== '--help');
}

function meaningOf({ description, argChoices, defaultValue }: Argument | Option): string {
  const choices = argChoices === undefined ? '' : `. One of ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`;
  // The texts of other defaults are in the descriptions: `false` and an empty list say nothing.
  const isShown = typeof defaultValue === 'string';
  return `${escapeMarkdown(description)}${choices}${isShown ? `. Default: \`${defaultValue}\`` : ''}`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/(`[^`]*`)|([*|<\\])/g, (_, code?: string, special?: string) => code ?? `\\${special}`);
}

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headers), line(headers.map(() => '---')), ...rows.map(line)].join('\n');
}
