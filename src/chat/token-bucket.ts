import type { Rate } from './options.ts'

/** Lets `rate.burst` through at once and refills evenly. Two numbers, since every connection has some. */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #at: number

  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /** Takes one token. Returns the milliseconds until there is one: 0 where it was taken. */
  take(now: number): number {
    const { burst, perMs } = this.#rate
    if (burst === 0) return 0
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * burst) / perMs)
    this.#at = now
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * perMs) / burst)
    this.#tokens -= 1
    return 0
  }

  /** Puts back one that was taken. */
  giveBack(): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + 1)
  }
}
