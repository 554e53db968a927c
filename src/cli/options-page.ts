import { COMMAND_NAMES, COMMANDS } from './commands.ts'
import type { Command, CommandName } from './commands.ts'
import { groupOptions, usageOf } from './option.ts'
import type { Option, OptionTable } from './option.ts'
import { SERVE_OPTIONS } from './options.ts'

/** `docs/options.md`, from the tables that command lines are read with. */
export function renderOptionsPage(): string {
  return `<!-- Written by scripts/write-options-page.ts from src/cli/options.ts: change the table there. -->

# Options

Every option of \`natter serve\`, on the command line or in the environment; the command line goes first. A flag is turned off
with \`--no-\` before its name, or by the value \`0\`. A limit of \`0\` is none. Times have a unit: \`500ms\`, \`15s\`, \`2m\`, \`30d\`; rates
are so many in a time: \`20/10s\`. Lists are separated by commas, and can be given in pieces: \`--rooms tea --rooms coffee\`.

\`natter --help\` prints this list, \`natter --version\` the version. What can be set from a program is in the type
\`ServeOptions\` of the package.

${renderGroups(SERVE_OPTIONS).join('\n\n')}
${COMMAND_NAMES.filter((name) => name !== 'serve')
  .map(renderCommand)
  .join('')}`
}

function renderCommand(name: CommandName): string {
  const { summary, options }: Command = COMMANDS[name]
  return `\n## The command \`natter ${name}\`\n\n${summary}\n\n${renderTable(Object.entries(options))}\n`
}

function renderGroups(table: OptionTable): string[] {
  return [...groupOptions(table)].map(([group, entries]) => `## ${group}\n\n${renderTable(entries)}`)
}

function renderTable(entries: readonly (readonly [string, Option<unknown>])[]): string {
  return ['| option | variable | default | |', '|---|---|---|---|', ...entries.map(renderRow)].join('\n')
}

function renderRow([name, option]: readonly [string, Option<unknown>]): string {
  const { help, defaultText, variables } = option
  const cells = [
    code(usageOf(name, option)),
    variables(name).map(code).join(', '),
    defaultText === '' ? '' : code(defaultText),
    help.replaceAll('<', '&lt;'),
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function code(value: string): string {
  return `\`${value}\``
}
