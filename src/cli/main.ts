import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import { CommandError } from './command-error.ts'
import { COMMANDS } from './commands.ts'
import { renderHelp } from './help.ts'
import { parseCommandLine } from './parse-command-line.ts'
import type { Invocation } from './parse-command-line.ts'
import { UsageError } from './parse-options.ts'

/** Wrong use is told apart from what the machine would not do, as by other tools. */
const EXIT_USAGE = 2
const EXIT_FAILED = 1

try {
  await run(parseCommandLine(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`natter: ${await explain(error)}\n`)
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED
  // A worker is kept by its line to the process that started it.
  if (cluster.isWorker) process.exit()
}

async function run(invocation: Invocation): Promise<void> {
  switch (invocation.kind) {
    case 'help':
      process.stdout.write(renderHelp(invocation.command))
      return
    case 'version':
      process.stdout.write(`${readVersion()}\n`)
      return
    case 'run':
      await COMMANDS[invocation.command].run(invocation.args, process.env)
  }
}

async function explain(error: unknown): Promise<string> {
  if (error instanceof UsageError || error instanceof CommandError) return error.message
  const { explainStartError } = await import('./start-error.ts')
  return explainStartError(error)
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
