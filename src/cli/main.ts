import { readFileSync } from 'node:fs'
import { renderHelp } from './help.ts'
import { parseCommandLine, UsageError } from './parse-options.ts'
import type { Command } from './parse-options.ts'

/** Wrong use is told apart from what the machine would not do, as by other tools. */
const EXIT_USAGE = 2
const EXIT_FAILED = 1

try {
  await run(parseCommandLine(process.argv.slice(2), process.env))
} catch (error) {
  process.stderr.write(`natter: ${await explain(error)}\n`)
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED
}

async function run(command: Command): Promise<void> {
  switch (command.name) {
    case 'help':
      process.stdout.write(renderHelp())
      return
    case 'version':
      process.stdout.write(`${readVersion()}\n`)
      return
    case 'serve': {
      // Loaded only here: help and version need none of it.
      const { runServer } = await import('./run-server.ts')
      await runServer(command.options, process.env)
    }
  }
}

async function explain(error: unknown): Promise<string> {
  if (error instanceof UsageError) return error.message
  const { explainStartError } = await import('./start-error.ts')
  return explainStartError(error)
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
