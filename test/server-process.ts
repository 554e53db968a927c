import { fileURLToPath } from 'node:url'
import type { TestContext } from 'node:test'
import { startProgram } from './helpers/program.ts'
import type { Finished, Program } from './helpers/program.ts'

const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

export interface ServerProcess extends Program {
  readonly url: string
  readonly socketUrl: string
}

export interface ProcessOptions {
  readonly args?: readonly string[]
  /** Added to an environment without any variable that Natter reads. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Runs `natter` until it ends by itself. */
export async function runNatter(t: TestContext, options: ProcessOptions): Promise<Finished> {
  return startNatter(t, options).exited
}

/** Runs `natter serve` on a free port of the loopback interface until the test ends, or kills it. Resolves when it is ready. */
export async function startServerProcess(t: TestContext, options: ProcessOptions = {}): Promise<ServerProcess> {
  const args = ['serve', '--host', 'localhost', '--port', '0', ...(options.args ?? [])]
  const process = startNatter(t, { ...options, args })
  const ready = await process.line((line) => line.includes('http://localhost:'))
  const [url = ''] = /http:\/\/localhost:\d+/.exec(ready) ?? []
  return Object.assign(process, { url, socketUrl: `${url.replace('http', 'ws')}/` })
}

/** Runs `natter` until the test ends, or it by itself. */
export function startNatter(t: TestContext, { args = [], env = {}, cwd }: ProcessOptions): Program {
  return startProgram(t, process.execPath, [MAIN, ...args], { cwd, env: { ...cleanEnvironment(), ...env } })
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isReadByNatter(name)))
}

/** What platforms set. */
const PLATFORM_VARIABLES = ['PORT', 'DYNO', 'WEB_CONCURRENCY', 'REDIS_TLS_URL', 'REDIS_URL', 'REDISCLOUD_URL']

function isReadByNatter(variable: string): boolean {
  return variable.startsWith('NATTER_') || PLATFORM_VARIABLES.includes(variable)
}
