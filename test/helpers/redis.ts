import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { createClient } from '@redis/client'
import { findFreePort } from './free-port.ts'

/** Milliseconds after which it is no use to wait for a server any longer. */
export const GIVEN_UP_MS = 60_000

/** A Redis of a test's own, with a folder of its own. */
export interface TestRedis {
  readonly port: number
  /** Where it keeps its files. */
  readonly folder: string
  /** `redis://127.0.0.1:…` */
  readonly url: string
  /** Runs one command, on a connection of its own. */
  command(...command: string[]): Promise<unknown>
  /** Ends it as a power cut would: nothing is written that was not. */
  kill(): Promise<void>
  /** Starts it again on the same port, with what its folder has. */
  restart(): Promise<void>
  /** Stops it without ending it: it takes connections, and answers nothing. */
  freeze(): void
  thaw(): void
  /** Ends it and removes its folder. */
  close(): Promise<void>
}

/** Starts a Redis on a free port. It keeps an append-only file unless `options`, as on its command line, say otherwise. */
export async function startRedis(...options: string[]): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'natter-redis-'))
  const port = await findFreePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes']
  let server = await start([...args, ...options])

  const end = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill('SIGKILL')
    await exited
  }
  return {
    port,
    folder,
    url: `redis://127.0.0.1:${port}`,
    command: (...command) => runCommand(port, command),
    kill: end,
    async restart() {
      await end()
      server = await start([...args, ...options])
    },
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    async close() {
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves when the server takes connections and has loaded what it keeps. */
async function start(args: readonly string[]): Promise<ChildProcess> {
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  // A test that dies takes its servers with it.
  const end = (): void => void server.kill('SIGKILL')
  process.once('exit', end)
  server.once('exit', () => process.removeListener('exit', end))
  const log: string[] = []
  for await (const line of createInterface(server.stdout)) {
    log.push(line)
    if (line.includes('Ready to accept connections')) {
      // What it prints later would fill the pipe and stop it.
      server.stdout.resume()
      return server
    }
  }
  throw new Error(`redis-server ended:\n${log.join('\n')}`)
}

async function runCommand(port: number, command: readonly string[]): Promise<unknown> {
  const socket = { host: '127.0.0.1', port, reconnectStrategy: false, socketTimeout: GIVEN_UP_MS } as const
  const client = createClient({ RESP: 2, socket })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand(command)
  } finally {
    client.destroy()
  }
}

/** Looks until it holds: for what a server tells nobody by itself. @throws With what was waited for, where that does not come about. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const startedAt = performance.now()
  while (!(await holds())) {
    if (performance.now() - startedAt > GIVEN_UP_MS)
      throw new Error(`waited in vain for this to hold: ${String(holds)}`)
    await setTimeout(20)
  }
}
