import type { Backend } from '../backend/backend.ts'
import type { Environment } from '../chat/environment.ts'

/** `stopping`: on its way out. `unavailable`: the log takes nothing now. Neither should be sent new clients. */
export type HealthState = 'ready' | 'stopping' | 'unavailable'

/** Milliseconds after which a log that has not answered counts as unreachable. */
const PING_TIMEOUT_MS = 2_000

/** Milliseconds for which an answer holds. A ping is a write, and anybody may ask as often as they like. */
const PING_INTERVAL_MS = 1_000

export class Health {
  readonly #backend: Pick<Backend, 'ping'>
  readonly #environment: Environment
  #isStopping = false
  /** The newest ping, which everybody who asks meanwhile shares. */
  #latest: { readonly at: number; readonly state: Promise<HealthState> } | undefined
  #isPinging = false

  constructor(backend: Pick<Backend, 'ping'>, environment: Environment) {
    this.#backend = backend
    this.#environment = environment
  }

  /** How the server is, as of at most a second ago. */
  async check(): Promise<HealthState> {
    if (this.#isStopping) return 'stopping'
    const at = this.#environment.monotonicNow()
    if (!this.#latest || (!this.#isPinging && at - this.#latest.at >= PING_INTERVAL_MS))
      this.#latest = { at, state: this.#ping() }
    return this.#latest.state
  }

  stop(): void {
    this.#isStopping = true
  }

  async #ping(): Promise<HealthState> {
    this.#isPinging = true
    const { promise: timeout, resolve } = Promise.withResolvers<HealthState>()
    const stopTimer = this.#environment.setTimer(() => resolve('unavailable'), PING_TIMEOUT_MS)
    const ping = this.#backend.ping().then(
      (): HealthState => 'ready',
      (): HealthState => 'unavailable',
    )
    const state = await Promise.race([ping, timeout])
    stopTimer()
    this.#isPinging = false
    return state
  }
}
