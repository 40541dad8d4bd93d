import type { CompletedCommand, CompletedOption, Described } from './completed-commands';

/** The shells, each with the function that writes its script. */
export const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export type Shell = keyof typeof SHELLS;

const PROGRAM = 'temporal-airbyte';

/** Whether it is a command, and not the program itself. */
function isCommand({ path }: CompletedCommand): boolean {
  return path !== '';
}

/** Its long and its short form. */
function namesOf(option: CompletedOption): string[] {
  return [option.name, ...(option.short === undefined ? [] : [option.short])];
}

/** Quotes a text for bash and zsh. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The lines that find the command on the command line, for bash and zsh, which name the words and count them differently.
 *
 * @param words the variable of the words
 * @param first the index of the first word behind the program
 * @param last the variable with the index of the word to complete
 */
function findPath(commands: readonly CompletedCommand[], words: string, first: number, last: string): string[] {
  const known = commands.filter(isCommand).map(({ path }) => quote(path));
  return [
    `  local found='' word i`,
    `  for ((i = ${first}; i < ${last}; i++)); do`,
    `    word="\${found:+$found }\${${words}[i]}"`,
    '    case "$word" in',
    `      ${known.join(' | ')}) found="$word" ;;`,
    '    esac',
    '  done',
  ];
}

/**
 * The lines that complete the word, for bash and zsh: after an option that takes a value by the reply to that option, otherwise
 * by the cases of the command.
 */
function selectReply(
  commands: readonly CompletedCommand[],
  replyTo: (option: CompletedOption) => string,
  wordCases: readonly string[],
): string[] {
  const valueCases = commands.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map((option) => {
        const patterns = namesOf(option).map((name) => quote(`${path} ${name}`));
        return `    ${patterns.join(' | ')}) ${replyTo(option)}; return ;;`;
      }),
  );
  return ['  case "$found $prev" in', ...valueCases, '  esac', '  case "$found" in', ...wordCases, '  esac'];
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const wordList = (words: readonly string[]) => `COMPREPLY=($(compgen -W ${quote(words.join(' '))} -- "$cur"))`;
  const files = 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))';
  const replyTo = ({ takesFiles, values }: CompletedOption) =>
    takesFiles ? files : values.length > 0 ? wordList(values) : 'COMPREPLY=()';
  const wordCases = commands.flatMap((command) => {
    const names = [...command.commands.map(({ name }) => name), ...command.values];
    const options = command.options.map(({ name }) => name);
    return [
      `    ${quote(command.path)})`,
      `      if [[ $cur == -* ]]; then ${wordList(options)}`,
      ...(command.takesFiles ? [`      else ${files}`] : [`      else ${wordList(names)}`]),
      '      fi ;;',
    ];
  });
  return [
    `# Completion of ${PROGRAM} for bash: source <(${PROGRAM} completion bash)`,
    '_temporal_airbyte() {',
    '  local IFS=$\' \\t\\n\' cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD - 1]}"',
    ...findPath(commands, 'COMP_WORDS', 1, 'COMP_CWORD'),
    ...selectReply(commands, replyTo, wordCases),
    '}',
    `complete -F _temporal_airbyte ${PROGRAM}`,
    '',
  ].join('\n');
}

function zshScript(commands: readonly CompletedCommand[]): string {
  const described = (kind: string, items: readonly Described[]) =>
    `items=(${items.map(({ name, description }) => quote(`${name}:${description.replaceAll(':', '\\:')}`)).join(' ')}); _describe ${quote(kind)} items`;
  const replyTo = ({ takesFiles, values, description }: CompletedOption) => {
    if (takesFiles) return '_files';
    return values.length > 0 ? `compadd -- ${values.map(quote).join(' ')}` : `_message ${quote(description)}`;
  };
  const wordCases = commands.flatMap((command) => {
    const rest = [
      ...(command.commands.length > 0 ? [described('command', command.commands)] : []),
      ...(command.values.length > 0 ? [`compadd -- ${command.values.map(quote).join(' ')}`] : []),
      ...(command.takesFiles ? ['_files'] : []),
    ];
    return [
      `    ${quote(command.path)})`,
      `      if [[ $cur == -* ]]; then ${described('option', command.options)}`,
      ...(rest.length > 0 ? [`      else ${rest.join('; ')}`] : []),
      '      fi ;;',
    ];
  });
  return [
    `#compdef ${PROGRAM}`,
    `# Completion of ${PROGRAM} for zsh: source <(${PROGRAM} completion zsh), after compinit`,
    '_temporal_airbyte() {',
    '  local cur="${words[CURRENT]}" prev="${words[CURRENT - 1]}"',
    '  local -a items',
    ...findPath(commands, 'words', 2, 'CURRENT'),
    ...selectReply(commands, replyTo, wordCases),
    '}',
    `compdef _temporal_airbyte ${PROGRAM}`,
    '',
  ].join('\n');
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const text = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => {
    const start = `complete -c ${PROGRAM} -n ${text(`__temporal_airbyte_is ${text(command.path)}`)}`;
    return [
      ...(command.takesFiles ? [`${start} -F`] : []),
      ...command.commands.map(({ name, description }) => `${start} -a ${text(name)} -d ${text(description)}`),
      ...command.values.map((value) => `${start} -a ${text(value)}`),
      ...command.options.map((option) => {
        const short = option.short === undefined ? '' : ` -s ${option.short.slice(1)}`;
        const value = !option.takesValue
          ? ''
          : option.takesFiles
            ? ' -r -F'
            : ` -x -a ${text(option.values.join(' '))}`;
        return `${start} -l ${option.name.slice(2)}${short}${value} -d ${text(option.description)}`;
      }),
    ];
  });
  const paths = commands.filter(isCommand).map(({ path }) => text(path));
  return [
    `# Completion of ${PROGRAM} for fish: ${PROGRAM} completion fish | source`,
    'function __temporal_airbyte_is',
    "  set -l path ''",
    '  for word in (commandline -opc)[2..-1]',
    '    set -l longer (string trim -- "$path $word")',
    `    if contains -- $longer ${paths.join(' ')}`,
    '      set path $longer',
    '    end',
    '  end',
    '  test "$path" = "$argv[1]"',
    'end',
    `complete -c ${PROGRAM} -f`,
    ...lines,
    '',
  ].join('\n');
}
