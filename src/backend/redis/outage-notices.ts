import { explainRedisError } from './open-errors.ts'

/** Tells the operator that a Redis is away, why it cannot be had back, each time that changes, and that it is back. A line each. */
export class OutageNotices {
  readonly #address: string
  readonly #database: number
  readonly #onNotice: (notice: string) => void
  #lastReason: string | undefined

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
}
