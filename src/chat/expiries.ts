import type { CloseStatus } from '../protocol/close.ts'
import { CLOSE } from '../protocol/close.ts'

/** Something that holds until a time. */
export interface Expiring {
  /** In milliseconds since the Unix epoch; absent where it does not end by itself. */
  readonly expiresAt: number | undefined
  end(status: CloseStatus): void
}

const EXPIRED: CloseStatus = { ...CLOSE.unauthorized, reason: 'the token has expired' }

/** Ends connections whose token has run out, without a timer for each: they are kept by the second in which that is. */
export class Expiries {
  readonly #bySecond = new Map<number, Set<Expiring>>()
  /** The first second in which one runs out. */
  #next = Infinity

  add(connection: Expiring): void {
    const second = secondOf(connection)
    if (second === undefined) return
    const others = this.#bySecond.get(second)
    if (others) others.add(connection)
    else this.#bySecond.set(second, new Set([connection]))
    this.#next = Math.min(this.#next, second)
  }

  /** Call it before the connection's time changes, too. */
  remove(connection: Expiring): void {
    const second = secondOf(connection)
    if (second === undefined) return
    const others = this.#bySecond.get(second)
    others?.delete(connection)
    if (others?.size === 0) this.#bySecond.delete(second)
  }

  /** @param now In milliseconds since the Unix epoch. */
  sweep(now: number): void {
    if (now < this.#next * 1_000) return
    for (const [second, connections] of this.#bySecond) {
      if (now < second * 1_000) continue
      this.#bySecond.delete(second)
      for (const connection of connections) connection.end(EXPIRED)
    }
    this.#next = Math.min(...this.#bySecond.keys())
  }
}

function secondOf({ expiresAt }: Expiring): number | undefined {
  return expiresAt === undefined ? undefined : Math.ceil(expiresAt / 1_000)
}
