import type { Environment } from '../../chat/environment.ts'
import type { Rate } from '../../chat/options.ts'
import { TokenBucket } from '../../chat/token-bucket.ts'
import { ChatError } from '../../protocol/errors.ts'

export interface RateOptions {
  readonly commandRate: Rate
  readonly writeRate: Rate
}

/** How much may be asked for without a connection: as much as on one, by each user, or by each address for those who are nobody for sure. */
export class RequestRates {
  readonly #all: Buckets
  readonly #writes: Buckets

  constructor({ commandRate, writeRate }: RateOptions, environment: Pick<Environment, 'monotonicNow'>) {
    this.#all = new Buckets(commandRate, environment)
    this.#writes = new Buckets(writeRate, environment)
  }

  /** @throws {ChatError} `rate_limited` */
  countRequest(whose: string): void {
    this.#all.take(whose)
  }

  /** Makes good a request that was another's to count. */
  uncountRequest(whose: string): void {
    this.#all.giveBack(whose)
  }

  /** @throws {ChatError} `rate_limited` */
  countWrite(whose: string): void {
    this.#writes.take(whose)
  }
}

/** Token buckets by whose they are. One that would be full again is let go of. */
class Buckets {
  readonly #rate: Rate
  readonly #environment: Pick<Environment, 'monotonicNow'>
  readonly #buckets = new Map<string, { readonly bucket: TokenBucket; usedAt: number }>()
  #sweptAt: number

  constructor(rate: Rate, environment: Pick<Environment, 'monotonicNow'>) {
    this.#rate = rate
    this.#environment = environment
    this.#sweptAt = environment.monotonicNow()
  }

  take(whose: string): void {
    const now = this.#environment.monotonicNow()
    this.#sweep(now)
    const known = this.#buckets.get(whose) ?? { bucket: new TokenBucket(this.#rate, now), usedAt: now }
    known.usedAt = now
    this.#buckets.set(whose, known)
    const retryAfterMs = known.bucket.take(now)
    if (retryAfterMs > 0)
      throw new ChatError('rate_limited', 'that was too much at once; wait a little', { retryAfterMs })
  }

  giveBack(whose: string): void {
    this.#buckets.get(whose)?.bucket.giveBack()
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < this.#rate.perMs) return
    this.#sweptAt = now
    for (const [whose, { usedAt }] of this.#buckets) if (now - usedAt >= this.#rate.perMs) this.#buckets.delete(whose)
  }
}
