/** The load generator: compiled at the start of a benchmark from `load/`, then one process per set of clients. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Dialect } from './contenders.ts'
import { GENERATOR_CORE } from './machine.ts'

export interface Latency {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** What one step of posting brought; see `load/main.c`. */
export interface Step {
  /** Messages per second that were to be posted. */
  readonly rate: number
  readonly posted: number
  /** Deliveries that these posts should make, and those that came, each in its place. */
  readonly expected: number
  readonly delivered: number
  readonly gaps: number
  readonly repeats: number
  /** Rooms in which not everyone got the same order. */
  readonly roomsOutOfOrder: number
  readonly acked: number
  readonly clientsWithWrongAcks: number
  readonly refused: number
  /** Connections lost since the clients were opened. */
  readonly closed: number
  readonly postingSeconds: number
  readonly drainSeconds: number
  readonly bytesReceived: number
  /** Share of its core that the generator used while posting: near 1, it was the limit. */
  readonly generatorCpu: number
  readonly delivery: Latency
  readonly ack: Latency
  /** How far posts were behind their time: the generator's own delay, contained in the other two. */
  readonly lag: Latency
  /** Why the step ended before its time: it could not be passed any more. */
  readonly aborted?: string
  readonly refusal?: string
  readonly closedWhy?: string
}

export interface Clients extends AsyncDisposable {
  /** From the first connect to the moment when the last client would get messages. */
  readonly openSeconds: number
  /** Posts at a steady rate, all clients in turn, and waits until everything arrived. */
  step(rate: number, seconds: number): Promise<Step>
}

export interface ClientsOptions {
  readonly dialect: Dialect
  /** Of the processes that are one server. The clients of a room are dealt out over them. */
  readonly ports: readonly number[]
  readonly clients: number
  /** The clients are dealt out evenly over these. Defaults to 1. */
  readonly rooms?: number
  /** What the rooms are numbered from, for clients beside others. Defaults to 0. */
  readonly firstRoom?: number
}

export interface Generator extends AsyncDisposable {
  open(options: ClientsOptions): Promise<Clients>
}

export async function compileGenerator(): Promise<Generator> {
  const source = join(import.meta.dirname, 'load')
  const folder = await mkdtemp(join(tmpdir(), 'natter-bench-load-'))
  const program = join(folder, 'load')
  const files = (await readdir(source)).filter((name) => name.endsWith('.c')).map((name) => join(source, name))
  await promisify(execFile)('cc', ['-O2', '-std=gnu17', '-Wall', '-Wextra', '-o', program, ...files])
  return {
    open: (options) => openClients(program, options),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

async function openClients(program: string, options: ClientsOptions): Promise<Clients> {
  const { dialect, ports, clients, rooms = 1, firstRoom = 0 } = options
  const args = ['--dialect', dialect, '--port', ports.join(','), '--clients', `${clients}`, '--rooms', `${rooms}`]
  if (firstRoom > 0) args.push('--first-room', `${firstRoom}`)
  const child = spawn('taskset', ['-c', GENERATOR_CORE, program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  // Writing to a generator that has ended fails too, but what it said itself, when its answer is read, tells more.
  child.stdin.on('error', () => {})
  const readLine = async (): Promise<unknown> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`the load generator ended: ${complaints}`)
    return JSON.parse(line.value)
  }

  const { seconds: openSeconds } = (await readLine()) as { readonly seconds: number }
  return {
    openSeconds,
    async step(rate, seconds) {
      child.stdin.write(`step ${rate} ${seconds}\n`)
      return (await readLine()) as Step
    },
    [Symbol.asyncDispose]: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, 'exit')
}
