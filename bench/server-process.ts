/** A server under test: one process on its own core, or several and the Redis they share on all cores, as the kernel places them. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Contender } from './contenders.ts'
import { ANY_CORE, cpuSecondsOf, memoryKiBOf, SERVER_CORE } from './machine.ts'

const START_TIMEOUT_MS = 20_000

export interface ServerProcess extends AsyncDisposable {
  /** One for each process. */
  readonly ports: readonly number[]
  /** Of all processes, or of the one with that number. */
  cpuSeconds(process?: number): number
  memoryKiB(): number
  /** Of the Redis; 0 where there is none. */
  redisCpuSeconds(): number
}

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

/** Resolves once the server accepts connections. */
export async function startServer(contender: Contender): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'natter-bench-'))
  const running: Running[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(({ child }) => kill(child)))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const redis = contender.processesOnRedis === undefined ? undefined : await startRedis(folder, running)
    const store = redis ? `redis://127.0.0.1:${redis.port}` : folder
    const core = redis ? ANY_CORE : SERVER_CORE
    const servers: Running[] = []
    for (let number = 0; number < (contender.processesOnRedis ?? 1); number++) {
      servers.push(await start(running, core, (port) => [process.execPath, ...contender.args(port, store)]))
    }
    return {
      ports: servers.map(({ port }) => port),
      cpuSeconds: (number) => sum(number === undefined ? servers : servers.slice(number, number + 1), cpuSecondsOf),
      memoryKiB: () => sum(servers, memoryKiBOf),
      redisCpuSeconds: () => sum(redis ? [redis] : [], cpuSecondsOf),
      [Symbol.asyncDispose]: stop,
    }
  } catch (cause) {
    await stop()
    throw new Error(`${contender.name} did not start`, { cause })
  }
}

/** With its append-only file on, as Natter asks for, written out once a second, as Redis has it by default. */
function startRedis(folder: string, running: Running[]): Promise<Running> {
  return start(running, ANY_CORE, (port) =>
    ['redis-server', '--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder].concat(
      ['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'],
      // Rewriting the file meanwhile would be measured in some rounds and not in others.
      ['--auto-aof-rewrite-percentage', '0', '--loglevel', 'warning'],
    ),
  )
}

async function start(running: Running[], core: string, command: (port: number) => string[]): Promise<Running> {
  const port = await findFreePort()
  const args = command(port)
  const child = spawn('taskset', ['-c', core, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-2_000)))
  const started = { child, port }
  running.push(started)
  try {
    await accepting(port, child)
  } catch (cause) {
    throw new Error(`${args.join(' ')}\n${complaints}`, { cause })
  }
  return started
}

/** taskset replaces itself by the program, so its id is the program's own. */
function sum(processes: readonly Running[], figureOf: (pid: number) => number): number {
  return processes.reduce((total, { child }) => total + figureOf(child.pid ?? 0), 0)
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function accepting(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (child.exitCode === null && Date.now() < deadline) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await wait(20)
    } finally {
      socket.destroy()
    }
  }
  throw new Error(child.exitCode === null ? 'it does not listen' : `it exited with code ${child.exitCode}`)
}

/** At once: a clean stop of ten thousand connections would take longer than measuring them, and its data goes anyway. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
