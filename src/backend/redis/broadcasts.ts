import type { BroadcastListener } from '../backend.ts'
import { Broadcasts } from '../broadcasts.ts'
import type { RedisConnection } from './connection.ts'
import type { RedisKeys } from './keys.ts'
import type { RedisScripts } from './scripts.ts'

/** Broadcasts that are kept for processes which could not hear them. */
const KEPT = 1_000

/** Milliseconds before the last sign of life of a subscription that are read again: what was published then may have been on a line that was dead already. */
const OVERLAP_MS = 10_000

/**
 * What is said to all processes. It is published, which whoever is not listening misses, and kept in a stream, where they find it when they
 * listen again. How far back they look is counted by their own clock and from the server's, so that no two clocks are compared.
 */
export class RedisBroadcasts {
  readonly channel: string
  /** The key of what is kept. */
  readonly #stream: string
  readonly #commands: RedisConnection
  readonly #scripts: RedisScripts
  readonly #local = new Broadcasts()
  #heardAt = performance.now()
  #isDeaf = false
  /** How often the subscription was lost. */
  #losses = 0

  constructor(keys: RedisKeys, commands: RedisConnection, scripts: RedisScripts) {
    this.channel = keys.broadcastChannel
    this.#stream = keys.broadcasts
    this.#commands = commands
    this.#scripts = scripts
  }

  listen(listener: BroadcastListener): () => void {
    return this.#local.listen(listener)
  }

  /** @throws {ChatError} `unavailable`; some processes may have heard it. */
  async send(payload: string): Promise<void> {
    // Kept first: whoever reads what was kept, and listens already, misses none.
    await this.#commands.run((client) =>
      Promise.all([
        client.sendCommand(['XADD', this.#stream, 'MAXLEN', '~', String(KEPT), '*', 'payload', payload]),
        client.sendCommand(['SPUBLISH', this.channel, payload]),
      ]),
    )
  }

  receive(payload: string): void {
    this.#local.send(payload)
  }

  /** The subscription has shown that it lives. */
  heard(): void {
    if (!this.#isDeaf) this.#heardAt = performance.now()
  }

  /** The subscription is gone. */
  lost(): void {
    this.#isDeaf = true
    this.#losses++
  }

  /** Catches up on what was said while there was no subscription, where there is one again. Rejects where it is to be called once more. */
  async recover(): Promise<void> {
    if (!this.#isDeaf) return
    const losses = this.#losses
    const deafMs = performance.now() - this.#heardAt + OVERLAP_MS
    for (const payload of await this.#readKept(deafMs)) this.#local.send(payload)
    // Lost again meanwhile, it is caught up on from where it was last heard, once more.
    if (losses !== this.#losses) return
    this.#isDeaf = false
    this.heard()
    this.#local.tellDeaf()
  }

  async #readKept(lastMs: number): Promise<string[]> {
    const args = [String(Math.ceil(lastMs))]
    const entries = await this.#commands.run((client) => this.#scripts.run(client, 'kept', [this.#stream], args))
    return (entries as [string, string[]][]).map(([, [, payload = '']]) => payload)
  }
}
