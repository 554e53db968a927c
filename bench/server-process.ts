/** A server under test, as a process of its own on its own core. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Contender } from './contenders.ts'
import { cpuSecondsOf, memoryKiBOf, SERVER_CORE } from './machine.ts'

const START_TIMEOUT_MS = 20_000

export interface ServerProcess extends AsyncDisposable {
  readonly port: number
  cpuSeconds(): number
  memoryKiB(): number
}

/** Resolves once the server accepts connections. */
export async function startServer(contender: Contender): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'natter-bench-'))
  const port = await findFreePort()
  const command = [process.execPath, ...contender.args(port, folder)]
  const child = spawn('taskset', ['-c', SERVER_CORE, ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-2_000)))
  const stop = async (): Promise<void> => {
    await kill(child)
    await rm(folder, { recursive: true, force: true })
  }

  try {
    await accepting(port, child)
  } catch (cause) {
    await stop()
    throw new Error(`${contender.name} did not start: ${command.join(' ')}\n${complaints}`, { cause })
  }
  // taskset replaces itself by the server, so this is the server's own id.
  const pid = child.pid ?? 0
  return {
    port,
    cpuSeconds: () => cpuSecondsOf(pid),
    memoryKiB: () => memoryKiBOf(pid),
    [Symbol.asyncDispose]: stop,
  }
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
