import type { MessageId } from '../protocol/ids.ts'
import type { Environment } from './environment.ts'

/** What is asked for at once: 4 KiB of text. */
const POOL_BYTES = 3_072
/** In the order of their character codes, so that ids sort by time. */
const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'

/** Draws random bytes in bulk: one call to the system for hundreds of ids. */
export class RandomPool {
  readonly #environment: Environment
  #pool = ''
  #used = 0
  /** What an id of this millisecond begins with: a busy server draws many. */
  #timed = { at: NaN, prefix: '' }

  constructor(environment: Environment) {
    this.#environment = environment
  }

  /** `length` random characters of `A–Z a–z 0–9 _ -`, 6 bits each; at most 4,096. */
  text(length: number): string {
    if (this.#used + length > this.#pool.length) {
      this.#pool = Buffer.from(this.#environment.randomBytes(POOL_BYTES)).toString('base64url')
      this.#used = 0
    }
    return this.#pool.slice(this.#used, (this.#used += length))
  }

  /** 16 characters: the time in 48 bits and 48 random ones, so that ids of one time are neighbours in an index. */
  messageId(): MessageId {
    const now = this.#environment.now()
    if (now !== this.#timed.at) this.#timed = { at: now, prefix: timePrefix(now) }
    return (this.#timed.prefix + this.text(8)) as MessageId
  }
}

function timePrefix(time: number): string {
  let rest = time
  let prefix = ''
  for (let index = 0; index < 8; index++) {
    prefix = ALPHABET[rest % 64]! + prefix
    rest = Math.floor(rest / 64)
  }
  return prefix
}
