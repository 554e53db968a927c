import { COMMAND_NAMES } from './commands.ts'
import type { CommandName } from './commands.ts'
import { UsageError } from './parse-options.ts'

/** What a command line asks for. */
export type Invocation =
  | { readonly kind: 'help'; readonly command: CommandName }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly command: CommandName; readonly args: readonly string[] }

/**
 * Finds the command: the first argument, or `serve` where that is an option or nothing.
 *
 * @throws {UsageError}
 */
export function parseCommandLine(args: readonly string[]): Invocation {
  const [first] = args
  const isNamed = first !== undefined && !first.startsWith('-')
  const command = isNamed ? parseCommandName(first) : 'serve'
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help', command }
  if (args.includes('--version') || args.includes('-v')) return { kind: 'version' }
  return { kind: 'run', command, args: isNamed ? args.slice(1) : args }
}

function parseCommandName(text: string): CommandName {
  const name = COMMAND_NAMES.find((candidate) => candidate === text)
  if (name === undefined) throw new UsageError(`${text}: there is no such command; natter --help shows what there is`)
  return name
}
