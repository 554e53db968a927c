import type { Worker } from 'node:cluster'
import { setTimeout } from 'node:timers/promises'
import type { Log } from './log.ts'
import { mergeMetrics } from './merge-metrics.ts'
import { Questions } from './questions.ts'
import type { PrimaryMessage, WorkerMessage } from './worker.ts'

export interface PoolOptions {
  readonly count: number
  /** Starts the worker of that number, from 1. */
  readonly fork: (number: number) => Worker
  readonly log: Log
}

interface Ended {
  readonly code: number | null
  readonly signal: string | null
}

/** A worker that ended before it served. */
export interface StartFailure extends Ended {
  readonly status: 'failed'
  readonly number: number
}

export type Started = { readonly status: 'ready'; readonly url: string } | { readonly status: 'stopped' } | StartFailure

interface RunningWorker {
  readonly tell: (message: PrimaryMessage) => void
  readonly process: Worker['process']
  readonly startedAt: number
  /** Where it serves; undefined where it ended first. */
  readonly url: Promise<string | undefined>
  readonly ended: Promise<Ended>
}

/** Milliseconds before a worker that ended is started again: twice as long each time, unless it had lived for so long. */
const FIRST_PAUSE_MS = 100
const LAST_PAUSE_MS = 10_000
const LONG_LIFE_MS = 30_000

/** Milliseconds that are waited for what a worker measured. One that hangs is left out. */
const MEASURED_WITHIN_MS = 2_000

/** Processes that serve the same. One that ends is replaced. */
export class WorkerPool {
  readonly #options: PoolOptions
  readonly #workers = new Set<RunningWorker>()
  readonly #stopping = new AbortController()
  /** What workers have warned of. */
  readonly #warnings = new Set<string>()
  readonly #questions = new Questions(MEASURED_WITHIN_MS)
  /** What all workers measured, while they are being asked. Who asks meanwhile shares it. */
  #gathering: Promise<string> | undefined

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Starts the first, and when that serves the others: what is wrong with all of them is said once. */
  async start(): Promise<Started> {
    const first = await this.#launch(1)
    if (first.status !== 'ready') return first
    const others = Array.from({ length: this.#options.count - 1 }, (_, index) => this.#launch(index + 2))
    return (await Promise.all(others)).find(({ status }) => status !== 'ready') ?? first
  }

  /** Asks all to end, and resolves when they have. None is started again. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const { process } of this.#workers) process.kill('SIGTERM')
    await Promise.all([...this.#workers].map(({ ended }) => ended))
  }

  /** Ends all that still run, without a chance to do anything more. */
  kill(): void {
    for (const { process } of this.#workers) process.kill('SIGKILL')
  }

  async #launch(number: number): Promise<Started> {
    const worker = this.#run(number)
    const url = await worker.url
    if (url === undefined) {
      return this.#stopping.signal.aborted
        ? { status: 'stopped' }
        : { status: 'failed', number, ...(await worker.ended) }
    }
    void this.#keep(number, worker)
    return { status: 'ready', url }
  }

  /** Replaces a worker whenever it ends, however often that is: others go on, and what it lacks may come back. */
  async #keep(number: number, first: RunningWorker): Promise<void> {
    const { log } = this.#options
    const { signal: stopping } = this.#stopping
    let shortLives = 0
    for (let worker = first; ; worker = this.#run(number)) {
      const { code, signal } = await worker.ended
      if (stopping.aborted) return
      shortLives = performance.now() - worker.startedAt < LONG_LIFE_MS ? shortLives + 1 : 0
      const restartInMs = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** shortLives)
      const how = signal === null ? { code: code ?? undefined } : { signal }
      log.warn('worker ended', { worker: number, ...how, restartInMs })
      await setTimeout(restartInMs, undefined, { signal: stopping }).catch(() => {})
      if (stopping.aborted) return
    }
  }

  #run(number: number): RunningWorker {
    const { fork, log } = this.#options
    const worker = fork(number)
    const ended = Promise.withResolvers<Ended>()
    const url = Promise.withResolvers<string | undefined>()
    const tell = (message: PrimaryMessage): void => {
      // One that is ending hears nothing any more.
      if (worker.isConnected()) worker.send(message, () => {})
    }
    const running = {
      tell,
      process: worker.process,
      startedAt: performance.now(),
      url: url.promise,
      ended: ended.promise,
    }
    this.#workers.add(running)
    worker.on('message', (message: WorkerMessage) => {
      switch (message.type) {
        case 'ready':
          log.info('worker is ready', { worker: number, pid: worker.process.pid })
          return url.resolve(message.url)
        case 'warning':
          return this.#warn(message.text)
        case 'gather':
          return void (this.#gathering ??= this.#gather()).then((text) =>
            tell({ type: 'gathered', id: message.id, text }),
          )
        case 'measured':
          return this.#questions.answer(message.id, message.text)
      }
    })
    // Not at its exit: what it wrote last has to be read first.
    worker.process.once('close', (code: number | null, signal: string | null) => {
      this.#workers.delete(running)
      url.resolve(undefined)
      ended.resolve({ code, signal })
    })
    return running
  }

  async #gather(): Promise<string> {
    const asked = [...this.#workers].map(({ tell }) => this.#questions.ask((id) => tell({ type: 'measure', id })))
    const pages = await Promise.all(asked)
    this.#gathering = undefined
    return mergeMetrics(pages.filter((page) => page !== undefined))
  }

  /** All workers find the same. It is said once. */
  #warn(text: string): void {
    if (this.#warnings.has(text)) return
    this.#warnings.add(text)
    this.#options.log.warn(text)
  }
}
