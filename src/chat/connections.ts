import { CLOSE } from '../protocol/close.ts'
import { HEARTBEAT_MS, HELLO_TIMEOUT_MS, SILENCE_MS } from '../protocol/limits.ts'
import type { Dialect } from './observer.ts'
import { Expiries } from './expiries.ts'
import type { Expiring } from './expiries.ts'
import type { ChatOptions } from './options.ts'
import type { RoomReader } from './reader.ts'
import type { Speaker } from './speaker.ts'
import type { Peer } from './transport.ts'

const TICK_MS = 1_000

/** What keeping a connection alive needs of it, whatever it speaks. */
export interface KeptConnection extends Expiring {
  readonly peer: Peer
  readonly dialect: Dialect
  /** Times of the monotonic clock. */
  readonly openedAt: number
  readonly heardAt: number
  /** Who is at its other end; undefined where that is not known, or not yet. */
  readonly speaker: Speaker | undefined
  /** In which rooms it hears what is said. */
  readonly reading: readonly RoomReader[]
  /** Whether it still owes a hello. */
  readonly owesHello: boolean
  /** Whether it is the peer that keeps the hello waiting, not we or the app. */
  readonly isLateWithHello: boolean
  sendHeartbeat(): void
  /** Carries out none of the frames that are still to come. */
  stopReading(): void
  /** Tells the peer that the server goes away and when to come back. */
  sendGoodbye(retryInMs: number): void
}

/**
 * All connections of a chat, kept alive by one timer: each tick serves one group of them, so that heartbeats are spread over time
 * and no timer hangs on an idle connection.
 */
export class Connections {
  readonly #options: ChatOptions
  readonly #groups: readonly Set<KeptConnection>[] = Array.from({ length: HEARTBEAT_MS / TICK_MS }, () => new Set())
  /** Those that owe a hello, and may be too late with it. */
  readonly #newcomers = new Set<KeptConnection>()
  /** Those that may be dead before their turn comes again. */
  readonly #silent = new Set<KeptConnection>()
  readonly #expiries = new Expiries()
  #size = 0
  #added = 0
  #ticks = 0
  #whenEmpty: (() => void)[] = []

  constructor(options: ChatOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#size
  }

  *[Symbol.iterator](): Generator<KeptConnection> {
    for (const group of this.#groups) yield* group
  }

  add(connection: KeptConnection): void {
    this.#groups[this.#added++ % this.#groups.length]!.add(connection)
    this.#size++
    if (connection.owesHello) this.#newcomers.add(connection)
    this.#expiries.add(connection)
    this.#options.observer.onOpen(connection.peer, connection.dialect)
  }

  /** The connection is gone. */
  remove(connection: KeptConnection, code: number, reason: string): void {
    if (!this.#groups.some((group) => group.delete(connection))) return
    this.#size--
    this.#newcomers.delete(connection)
    this.#silent.delete(connection)
    this.#expiries.remove(connection)
    const { observer, environment } = this.#options
    observer.onClose(connection.peer, {
      code,
      reason,
      seconds: (environment.monotonicNow() - connection.openedAt) / 1000,
    })
    if (this.#size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }

  /** Lets `change` set a connection's `expiresAt`. */
  reschedule(connection: KeptConnection, change: () => void): void {
    this.#expiries.remove(connection)
    change()
    this.#expiries.add(connection)
  }

  /** Resolves once no connection is left. */
  empty(): Promise<void> {
    return this.#size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenEmpty.push(resolve))
  }

  /** Keeps alive, and ends what is beyond it. Call it every second. */
  tick(): void {
    const { environment } = this.#options
    const now = environment.monotonicNow()
    this.#expiries.sweep(environment.now())
    for (const connection of this.#newcomers) {
      if (!connection.owesHello) this.#newcomers.delete(connection)
      else if (connection.isLateWithHello && now - connection.openedAt >= HELLO_TIMEOUT_MS)
        connection.end(CLOSE.helloTimeout)
    }
    for (const connection of this.#groups[this.#ticks++ % this.#groups.length]!) {
      connection.sendHeartbeat()
      if (now - connection.heardAt > SILENCE_MS - HEARTBEAT_MS - TICK_MS) this.#silent.add(connection)
    }
    for (const connection of this.#silent) {
      const silentMs = now - connection.heardAt
      if (silentMs >= SILENCE_MS) connection.end(CLOSE.silent)
      else if (silentMs < HEARTBEAT_MS) this.#silent.delete(connection)
    }
  }
}
