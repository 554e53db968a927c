import type { BackendEnvironment } from './backend.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const POOL_BYTES = 4_096

/** Draws short random words of `A–Z a–z 0–9 - _`, six bits to the character, from bytes it asks for in bulk: every change needs one. */
export class RandomText {
  readonly #environment: BackendEnvironment
  #pool: Uint8Array = new Uint8Array(0)
  #used = 0

  constructor(environment: BackendEnvironment) {
    this.#environment = environment
  }

  next(length: number): string {
    let text = ''
    for (let i = 0; i < length; i++) text += ALPHABET.charAt(this.#nextByte() & 63)
    return text
  }

  #nextByte(): number {
    if (this.#used === this.#pool.length) {
      this.#pool = this.#environment.randomBytes(POOL_BYTES)
      this.#used = 0
    }
    return this.#pool[this.#used++] ?? 0
  }
}
