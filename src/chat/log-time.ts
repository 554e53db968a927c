import { ChatError } from '../protocol/errors.ts'
import type { Environment } from './environment.ts'

/** Milliseconds that one command may wait for the log: whoever sent it is to know within 5 s. */
const LOG_TIME_MS = 4_500

/**
 * What one command may wait for the log, in all, however often it asks. What else it waits for, such as the app's answers, has limits of
 * its own and does not count.
 */
export class LogTime {
  readonly #environment: Environment
  #leftMs = LOG_TIME_MS

  constructor(environment: Environment) {
    this.#environment = environment
  }

  /**
   * Asks the log. What it answers when the time is up is passed over: a write may have been stored.
   *
   * @throws {ChatError} `unavailable` when the time is up, without asking where it is already; or what `ask` does
   */
  async spend<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#leftMs <= 0) throw tooSlow()
    const environment = this.#environment
    const { promise: late, reject } = Promise.withResolvers<never>()
    // This process may have been what stood still: then the answer is here, and has yet to be read.
    const stop = environment.setTimer(() => environment.defer(() => reject(tooSlow())), this.#leftMs)
    const since = environment.monotonicNow()
    try {
      return await Promise.race([ask(), late])
    } finally {
      stop()
      this.#leftMs -= environment.monotonicNow() - since
    }
  }
}

function tooSlow(): ChatError {
  return new ChatError('unavailable', 'the log answers too slowly right now', { retryAfterMs: 1_000 })
}
