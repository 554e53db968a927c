import { COMMAND_NAMES, COMMANDS } from './commands.ts'
import type { Command, CommandName } from './commands.ts'
import { groupOptions, usageOf } from './option.ts'
import type { Option, OptionTable } from './option.ts'

const WIDTH = 80
const INDENT = ' '.repeat(6)

const SERVE_NOTES = `Each option can also be set in the environment: --max-text as NATTER_MAX_TEXT.
A limit of 0 is none. A flag is turned off with --no- before its name.`

/** What `natter <command> --help` prints. Without a command that is `serve`, which tells of the others too. */
export function renderHelp(name: CommandName): string {
  const { summary, options }: Command = COMMANDS[name]
  return [
    `Usage: natter ${name === 'serve' ? '[serve]' : name} [options]`,
    summary,
    ...(name === 'serve' ? [renderCommands()] : []),
    ...[...groupOptions(options)].map(([group, entries]) => `${group}:\n${entries.map(renderOption).join('\n')}`),
    '  -h, --help\n  -v, --version',
    name === 'serve' ? SERVE_NOTES : renderVariables(options),
  ]
    .join('\n\n')
    .concat('\n')
}

function renderCommands(): string {
  const lines = COMMAND_NAMES.map((name) => `  ${name}\n${wrap(COMMANDS[name].summary)}`)
  return `Commands, each with a --help of its own:\n${lines.join('\n')}`
}

function renderOption([name, option]: readonly [string, Option<unknown>]): string {
  const { help, defaultText } = option
  return `  ${usageOf(name, option)}\n${wrap(defaultText === '' ? help : `${help} (default: ${defaultText})`)}`
}

function renderVariables(options: OptionTable): string {
  const variables = Object.entries(options).flatMap(([name, option]) => option.variables(name))
  return `Variables that are read:\n${wrap(variables.join(' '))}`
}

function wrap(sentence: string): string {
  const lines = ['']
  for (const word of sentence.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && INDENT.length + line.length + 1 + word.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => INDENT + line).join('\n')
}
