import type { RedisConnection } from './connection.ts'

/**
 * Publishes to this process itself, the way everything is published, and takes the subscriber for dead when that does not arrive:
 * of a connection that only listens, nothing else tells.
 */
export class Probe {
  readonly channel: string
  readonly #commands: RedisConnection
  readonly #subscription: RedisConnection
  readonly #timeoutMs: number
  #sent = 0
  #received = 0
  #timer: NodeJS.Timeout | undefined

  constructor(channel: string, commands: RedisConnection, subscription: RedisConnection, timeoutMs: number) {
    this.channel = channel
    this.#commands = commands
    this.#subscription = subscription
    this.#timeoutMs = timeoutMs
  }

  async send(): Promise<void> {
    if (!this.#subscription.isOpen) return
    const probe = String(++this.#sent)
    await this.#commands.run((client) => client.sendCommand(['SPUBLISH', this.channel, probe]))
    if (Number(probe) <= this.#received) return
    this.#timer ??= setTimeout(() => {
      this.forget()
      this.#subscription.restart(new Error(`nothing published arrived for ${this.#timeoutMs} ms`))
    }, this.#timeoutMs)
  }

  receive(probe: string): void {
    this.#received = Number(probe)
    if (this.#received === this.#sent) this.forget()
  }

  /** Waits for nothing any more. */
  forget(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
