import type { ErrorEvent } from '../protocol/events.ts'
import { RETRY_AFTER_MS } from './backoff.ts'
import type { ClientEnvironment } from './environment.ts'
import type { Notice } from './types.ts'

/** Writes of one room that may be on their way at a time. */
const MAX_IN_FLIGHT = 16

/**
 * How fast a room's writes are sent. When the server asks to wait, everything waits, first for the answers still to come; after that one is
 * sent at a time, and twice as many after each that is stored.
 */
export class Pace {
  readonly #environment: Pick<ClientEnvironment, 'now' | 'setTimer'>
  readonly #onResume: () => void
  #window = MAX_IN_FLIGHT
  #notice: Notice | undefined
  #stopTimer = (): void => {}

  constructor(environment: Pick<ClientEnvironment, 'now' | 'setTimer'>, onResume: () => void) {
    this.#environment = environment
    this.#onResume = onResume
  }

  /** Why nothing is sent. */
  get notice(): Notice | undefined {
    return this.#notice
  }

  /** How many writes may be on their way at a time. */
  get window(): number {
    return this.#window
  }

  /** A write was stored. */
  quicken(): void {
    this.#window = Math.min(MAX_IN_FLIGHT, this.#window * 2)
  }

  /** The server asked to wait. */
  hold(code: Notice['code'], { message, retryAfterMs = RETRY_AFTER_MS }: ErrorEvent): void {
    this.#window = 1
    const until = this.#environment.now() + retryAfterMs
    if (until <= (this.#notice?.until ?? 0)) return
    this.release()
    this.#notice = { code, message, until }
    this.#stopTimer = this.#environment.setTimer(() => {
      this.release()
      this.#onResume()
    }, retryAfterMs)
  }

  /** Waits no longer. */
  release(): void {
    this.#stopTimer()
    this.#notice = undefined
  }
}
