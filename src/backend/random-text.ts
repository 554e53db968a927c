import type { BackendEnvironment } from './backend.ts'

/** What is asked for at once: 4 KiB of text. */
const POOL_BYTES = 3_072

/** Draws short random words of `A–Z a–z 0–9 - _`, six bits to the character, from bytes it asks for in bulk: every change needs one. */
export class RandomText {
  readonly #environment: BackendEnvironment
  #pool = ''
  #used = 0

  constructor(environment: BackendEnvironment) {
    this.#environment = environment
  }

  /** Of at most 4,096 characters. */
  next(length: number): string {
    if (this.#used + length > this.#pool.length) {
      this.#pool = Buffer.from(this.#environment.randomBytes(POOL_BYTES)).toString('base64url')
      this.#used = 0
    }
    return this.#pool.slice(this.#used, (this.#used += length))
  }
}
