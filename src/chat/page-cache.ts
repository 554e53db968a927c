import type { Environment } from './environment.ts'
import type { FrameBudget } from './frame-log.ts'

/** Milliseconds that a page is kept after it was last asked for. A crowd that was cut off together is back by then. */
const KEPT_MS = 10_000

/** Milliseconds that it is kept at most: retention may have removed some of it since. */
const MAX_KEPT_MS = 60_000

interface KeptPage<Page> {
  readonly page: Promise<Page>
  readonly readAt: number
  /** What it counts in the budget; 0 until it has been read. */
  bytes: number
  usedAt: number
}

/**
 * Pages read from the log once for all who ask for them within some seconds, as everybody does after a deploy. They count in the
 * same budget as the frames that wait for readers, and none is kept where that is used up.
 */
export class PageCache<Page> {
  readonly #environment: Environment
  readonly #budget: FrameBudget
  #maxPages: number
  readonly #bytesOf: (page: Page) => number
  /** The longest kept first. */
  readonly #pages = new Map<string, KeptPage<Page>>()

  /** @param bytesOf the memory that a page takes; 0 for one that is not to be kept. */
  constructor(environment: Environment, budget: FrameBudget, maxPages: number, bytesOf: (page: Page) => number) {
    this.#environment = environment
    this.#budget = budget
    this.#maxPages = maxPages
    this.#bytesOf = bytesOf
  }

  /** The page of this name, which `read` gets where it is not here. A page that could not be read is not kept. */
  get(name: string, read: () => Promise<Page>): Promise<Page> {
    const usedAt = this.#environment.monotonicNow()
    const known = this.#pages.get(name)
    if (known) {
      known.usedAt = usedAt
      return known.page
    }
    const page = read().then(
      (found) => {
        this.#count(name, kept, this.#bytesOf(found))
        return found
      },
      (error: unknown) => {
        this.#count(name, kept, 0)
        throw error
      },
    )
    const kept: KeptPage<Page> = { page, bytes: 0, readAt: usedAt, usedAt }
    this.#pages.set(name, kept)
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= this.#maxPages) break
      this.#drop(oldest)
    }
    return page
  }

  /** Lets go of what nobody has asked for in a while, and of what is old. Call it now and then. */
  expire(): void {
    if (this.#pages.size === 0) return
    const now = this.#environment.monotonicNow()
    for (const [name, { readAt, usedAt }] of this.#pages)
      if (usedAt <= now - KEPT_MS || readAt <= now - MAX_KEPT_MS) this.#drop(name)
  }

  clear(): void {
    for (const name of this.#pages.keys()) this.#drop(name)
  }

  /** Keeps nothing from now on. */
  close(): void {
    this.#maxPages = 0
    this.clear()
  }

  /** Counts a page in, before anyone is given it. */
  #count(name: string, kept: KeptPage<Page>, bytes: number): void {
    if (this.#pages.get(name) !== kept) return
    if (bytes === 0 || this.#budget.isExceeded) return this.#drop(name)
    kept.bytes = bytes
    this.#budget.bytes += bytes
  }

  #drop(name: string): void {
    this.#budget.bytes -= this.#pages.get(name)?.bytes ?? 0
    this.#pages.delete(name)
  }
}
