import { ChatError } from '../../protocol/errors.ts'
import { CallWatch } from './call-watch.ts'
import type { ClientFactory, RedisClient } from './client.ts'
import type { RedisTimings } from './timings.ts'

type State =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly client: RedisClient }
  | { readonly status: 'open'; readonly client: RedisClient }
  | { readonly status: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly status: 'closed' }

export interface ConnectionOptions {
  readonly createClient: ClientFactory
  /** Makes a fresh client ready for use, or throws where it cannot be. */
  readonly prepare: (client: RedisClient) => Promise<void>
  readonly onOpen: () => void
  readonly onLost: (cause: Error) => void
  /** A try to connect again came to nothing; another one follows. */
  readonly onFailed?: (error: unknown) => void
  readonly timings: RedisTimings
}

/** What a server says that no longer takes writes, or not yet, or not for that slot: the next connection may reach one that does. */
const WRONG_SERVER = /^(READONLY|LOADING|MASTERDOWN|MOVED|CLUSTERDOWN|RESTORING)|attempted to access a non local key/

/**
 * One connection to Redis, made anew whenever it is lost. Calls while there is none are refused at once; calls that were under way
 * when it was lost are refused too, and may or may not have been carried out. None is ever made twice.
 */
export class RedisConnection {
  readonly #options: ConnectionOptions
  readonly #calls: CallWatch
  #state: State = { status: 'idle' }
  #attempt = 0
  #lastFailure: unknown = new Error('not connected yet')

  constructor(options: ConnectionOptions) {
    const { callTimeoutMs, watchIntervalMs } = options.timings
    this.#options = options
    this.#calls = new CallWatch(callTimeoutMs, watchIntervalMs, (ageMs) =>
      this.restart(new Error(`no answer for ${Math.round(ageMs)} ms`)),
    )
  }

  get isOpen(): boolean {
    return this.#state.status === 'open'
  }

  /** Calls that are unanswered. */
  get backlog(): number {
    return this.#calls.size
  }

  /** Makes the first connection; what comes after is made by itself. Rejects, and is closed, where there is none to be had. */
  async open(): Promise<void> {
    try {
      await this.#connect()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /**
   * Runs one command, or several that are sent together.
   *
   * @throws {ChatError} `unavailable`, whatever went wrong.
   */
  async run<Reply>(command: (client: RedisClient) => Promise<Reply>): Promise<Reply> {
    const state = this.#state
    if (state.status !== 'open') throw this.unavailable(this.#lastFailure)
    const call = this.#calls.begin()
    try {
      return await command(state.client)
    } catch (cause) {
      if (cause instanceof Error && WRONG_SERVER.test(cause.message)) this.#lose(state.client, cause)
      throw this.unavailable(cause)
    } finally {
      this.#calls.end(call)
    }
  }

  unavailable(cause: unknown): ChatError {
    const { retryAfterMs } = this.#options.timings
    return new ChatError('unavailable', 'the log cannot be reached right now', { retryAfterMs, cause })
  }

  /** Gives the connection up and makes another. */
  restart(cause: Error): void {
    if (this.#state.status === 'open') this.#lose(this.#state.client, cause)
  }

  /** Resolves once all calls are answered or refused. */
  async drained(): Promise<void> {
    await this.#calls.idle()
  }

  close(): void {
    const state = this.#state
    this.#state = { status: 'closed' }
    this.#lastFailure = new Error('the backend is closed')
    if (state.status === 'waiting') clearTimeout(state.timer)
    if (state.status === 'open' || state.status === 'connecting') state.client.destroy()
  }

  async #connect(): Promise<void> {
    const client = this.#options.createClient()
    this.#state = { status: 'connecting', client }
    const { promise: failure, reject } = Promise.withResolvers<never>()
    client.on('error', (error) => {
      reject(error)
      this.#lose(client, error)
    })
    const timer = setTimeout(() => reject(new Error('no answer to a greeting')), this.#options.timings.connectTimeoutMs)
    try {
      await Promise.race([this.#greet(client), failure])
    } catch (error) {
      this.#lastFailure = error
      client.destroy()
      throw error
    } finally {
      clearTimeout(timer)
    }
    if (!this.#isCurrent(client)) return client.destroy()
    this.#state = { status: 'open', client }
    this.#attempt = 0
    this.#options.onOpen()
  }

  async #greet(client: RedisClient): Promise<void> {
    await client.connect()
    await this.#options.prepare(client)
  }

  #lose(client: RedisClient, cause: Error): void {
    if (this.#state.status !== 'open' || !this.#isCurrent(client)) return
    this.#lastFailure = cause
    this.#reconnectLater()
    client.destroy()
    this.#options.onLost(cause)
  }

  #reconnectLater(): void {
    // Between half and all of a bound that doubles: not all processes at once, and the first one soon.
    const bound = Math.min(this.#options.timings.maxBackoffMs, 50 * 2 ** Math.min(this.#attempt++, 10))
    const timer = setTimeout(() => void this.#reconnect(), bound * (0.5 + Math.random() / 2))
    this.#state = { status: 'waiting', timer }
  }

  async #reconnect(): Promise<void> {
    try {
      await this.#connect()
    } catch (error) {
      if (this.#state.status === 'closed') return
      this.#reconnectLater()
      this.#options.onFailed?.(error)
    }
  }

  #isCurrent(client: RedisClient): boolean {
    return 'client' in this.#state && this.#state.client === client
  }
}
