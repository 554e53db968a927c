import { flagOf, OPTION_GROUPS, OPTION_NAMES, OPTIONS, variableOf } from './options.ts'
import type { OptionName } from './options.ts'

/** `docs/options.md`, from the table that the command line is read with. */
export function renderOptionsPage(): string {
  return `<!-- Written by scripts/write-options-page.ts from src/cli/options.ts: change the table there. -->

# Options

Every option of \`natter serve\`, on the command line or in the environment; the command line goes first. A flag is turned off
with \`--no-\` before its name, or by the value \`0\`. A limit of \`0\` is none. Times have a unit: \`500ms\`, \`15s\`, \`2m\`; rates
are so many in a time: \`20/10s\`. Lists are separated by commas, and can be given in pieces: \`--rooms tea --rooms coffee\`.

\`natter --help\` prints this list, \`natter --version\` the version. What can be set from a program is in the type
\`ServeOptions\` of the package.

${OPTION_GROUPS.map(renderGroup).join('\n\n')}
`
}

function renderGroup(group: string): string {
  const names = OPTION_NAMES.filter((name) => OPTIONS[name].group === group)
  return [`## ${group}`, '', '| option | variable | default | |', '|---|---|---|---|', ...names.map(renderRow)].join(
    '\n',
  )
}

function renderRow(name: OptionName): string {
  const { kind, help, defaultText, platformVariable } = OPTIONS[name]
  const option = kind.placeholder === undefined ? `--${flagOf(name)}` : `--${flagOf(name)} ${kind.placeholder}`
  const variables = platformVariable === undefined ? [variableOf(name)] : [variableOf(name), platformVariable]
  const cells = [
    code(option),
    variables.map(code).join(', '),
    defaultText === '' ? '' : code(defaultText),
    help.replaceAll('<', '&lt;'),
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function code(value: string): string {
  return `\`${value}\``
}
