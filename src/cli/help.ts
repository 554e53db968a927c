import { flagOf, OPTION_GROUPS, OPTION_NAMES, OPTIONS } from './options.ts'
import type { OptionName } from './options.ts'

const WIDTH = 80
const INDENT = ' '.repeat(6)

/** What `natter --help` prints. */
export function renderHelp(): string {
  return `Usage: natter [serve] [options]

Serves a chat: a page to open in a browser, and the WebSocket behind it.

${OPTION_GROUPS.map(renderGroup).join('\n\n')}

  -h, --help
  -v, --version

Each option can also be set in the environment: --max-text as NATTER_MAX_TEXT.
A limit of 0 is none. A flag is turned off with --no- before its name.
`
}

function renderGroup(group: string): string {
  const names = OPTION_NAMES.filter((name) => OPTIONS[name].group === group)
  return `${group}:\n${names.map(renderOption).join('\n')}`
}

function renderOption(name: OptionName): string {
  const { kind, help, defaultText } = OPTIONS[name]
  const value = kind.placeholder === undefined ? '' : ` ${kind.placeholder}`
  return `  --${flagOf(name)}${value}\n${wrap(defaultText === '' ? help : `${help} (default: ${defaultText})`)}`
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
