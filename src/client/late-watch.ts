import type { Entry } from './entry.ts'
import type { ClientEnvironment } from './environment.ts'

/** Milliseconds without an answer after which a write counts as late. */
const LATE_MS = 10_000

/** Marks the writes on their way that have gone without an answer for too long. */
export class LateWatch {
  readonly #environment: Pick<ClientEnvironment, 'now' | 'setTimer'>
  readonly #inFlight: Iterable<Entry>
  readonly #onLate: () => void
  #stopTimer: (() => void) | undefined

  constructor(environment: Pick<ClientEnvironment, 'now' | 'setTimer'>, inFlight: Iterable<Entry>, onLate: () => void) {
    this.#environment = environment
    this.#inFlight = inFlight
    this.#onLate = onLate
  }

  /** A write was sent. */
  start(): void {
    this.#stopTimer ??= this.#environment.setTimer(() => this.#mark(), LATE_MS)
  }

  stop(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  #mark(): void {
    const { now, setTimer } = this.#environment
    let nextAt = Infinity
    for (const entry of this.#inFlight) {
      if (entry.state.status !== 'sent' || entry.state.late) continue
      if (now() - entry.state.at >= LATE_MS) entry.state = { ...entry.state, late: true }
      else nextAt = Math.min(nextAt, entry.state.at + LATE_MS)
    }
    this.#stopTimer = nextAt === Infinity ? undefined : setTimer(() => this.#mark(), nextAt - now())
    this.#onLate()
  }
}
