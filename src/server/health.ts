import type { Backend } from '../backend/backend.ts'
import type { Environment } from '../chat/environment.ts'

/** `stopping`: on its way out. `unavailable`: the log takes nothing now. Neither should be sent new clients. */
export type HealthState = 'ready' | 'stopping' | 'unavailable'

/** Milliseconds after which a log that has not answered counts as unreachable. */
const PING_TIMEOUT_MS = 2_000

export class Health {
  readonly #backend: Backend
  readonly #environment: Environment
  #isStopping = false

  constructor(backend: Backend, environment: Environment) {
    this.#backend = backend
    this.#environment = environment
  }

  async check(): Promise<HealthState> {
    if (this.#isStopping) return 'stopping'
    const { promise: timeout, resolve } = Promise.withResolvers<HealthState>()
    const stopTimer = this.#environment.setTimer(() => resolve('unavailable'), PING_TIMEOUT_MS)
    const ping = this.#backend.ping().then(
      (): HealthState => 'ready',
      (): HealthState => 'unavailable',
    )
    return Promise.race([ping, timeout]).finally(stopTimer)
  }

  stop(): void {
    this.#isStopping = true
  }
}
