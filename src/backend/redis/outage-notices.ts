import { explainRedisError } from './open-errors.ts'

/** Tells the operator that a Redis is away, why it cannot be had back, each time that changes, and that it is back; the same of the subscription alone. A line each. */
export class OutageNotices {
  readonly #address: string
  readonly #database: number
  readonly #onNotice: (notice: string) => void
  #lastReason: string | undefined
  /** Tries in a row to subscribe that came to nothing while commands went through. */
  #failedSubscriptions = 0
  #isDeaf = false

  constructor(address: string, database: number, onNotice: (notice: string) => void) {
    this.#address = address
    this.#database = database
    this.#onNotice = onNotice
  }

  lost(cause: Error): void {
    this.#onNotice(`${this.#address} is away (${cause.message}): nothing is accepted until it is back`)
  }

  /** It was tried to connect again. */
  failed(error: unknown): void {
    const reason = explainRedisError(error, this.#address, this.#database).message
    if (reason === this.#lastReason) return
    this.#lastReason = reason
    this.#onNotice(reason)
  }

  back(): void {
    this.#lastReason = undefined
    this.#onNotice(`${this.#address} is back`)
  }

  /** It was tried to subscribe again. `isAway`: commands do not go through either, which is told already. */
  subscriptionFailed(error: unknown, isAway: boolean): void {
    this.#failedSubscriptions = isAway ? 0 : this.#failedSubscriptions + 1
    // The first may have begun while Redis was away as a whole.
    if (this.#isDeaf || this.#failedSubscriptions < 2) return
    this.#isDeaf = true
    const reason = explainRedisError(error, this.#address, this.#database).message
    this.#onNotice(`what other processes write arrives late, for want of a subscription: ${reason}`)
  }

  subscribed(): void {
    this.#failedSubscriptions = 0
    if (!this.#isDeaf) return
    this.#isDeaf = false
    this.#onNotice(`${this.#address} is subscribed to again`)
  }
}
