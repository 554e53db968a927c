import { EXPORT_OPTIONS, IMPORT_OPTIONS } from './move-options.ts'
import type { OptionTable, OptionValues } from './option.ts'
import { SERVE_OPTIONS, TOKEN_OPTIONS } from './options.ts'
import { parseOptions } from './parse-options.ts'
import type { Environment } from './parse-options.ts'

/** One thing that `natter` can do. */
export interface Command {
  /** One sentence. */
  readonly summary: string
  readonly options: OptionTable
  /**
   * Carries it out.
   *
   * @param args What stands behind its name on the command line.
   * @throws {UsageError}
   */
  readonly run: (args: readonly string[], environment: Environment) => Promise<void>
}

/** Every command. What one needs is loaded only when it runs: help and version need none of it. */
export const COMMANDS = {
  serve: command(
    'serve',
    'Serves a chat: a page to open in a browser, and the WebSocket behind it.',
    SERVE_OPTIONS,
    async (values, environment) => {
      const { runServe } = await import('./run-serve.ts')
      await runServe(values, environment)
    },
  ),
  export: command(
    'export',
    'Writes a whole chat, and the secrets behind it, as JSON Lines.',
    EXPORT_OPTIONS,
    async (values) => {
      const { runExport } = await import('./run-export.ts')
      await runExport(values)
    },
  ),
  import: command(
    'import',
    'Restores an exported chat where there is none. Safe to repeat.',
    IMPORT_OPTIONS,
    async (values) => {
      const { runImport } = await import('./run-import.ts')
      await runImport(values)
    },
  ),
  token: command(
    'token',
    'Prints a token for a user, to try out a chat that takes tokens.',
    TOKEN_OPTIONS,
    async (values) => {
      const { runToken } = await import('./run-token.ts')
      await runToken(values)
    },
  ),
} as const satisfies Readonly<Record<string, Command>>

export type CommandName = keyof typeof COMMANDS

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[]

function command<Table extends OptionTable>(
  name: string,
  summary: string,
  options: Table,
  run: (values: OptionValues<Table>, environment: Environment) => Promise<void>,
): Command {
  return {
    summary,
    options,
    run: (args, environment) => run(parseOptions(options, args, environment, `natter ${name} --help`), environment),
  }
}
