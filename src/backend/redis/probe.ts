import type { RedisConnection } from './connection.ts'
import type { Subscriber } from './subscriber.ts'

/**
 * Publishes to this process itself, the way everything is published, by way of every server, and takes the subscriber for dead when
 * that does not arrive: of a connection that only listens, nothing else tells.
 */
export class Probe {
  readonly #name: string
  readonly #subscriber: Subscriber
  readonly #commands: RedisConnection
  readonly #subscription: RedisConnection
  readonly #timeoutMs: number
  /** The channels, one by way of each server, and the newest probe that came by it. */
  #received = new Map<string, number>()
  #sent = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    name: string,
    commands: RedisConnection,
    subscription: RedisConnection,
    subscriber: Subscriber,
    timeoutMs: number,
  ) {
    this.#name = name
    this.#commands = commands
    this.#subscription = subscription
    this.#subscriber = subscriber
    this.#timeoutMs = timeoutMs
  }

  isChannel(channel: string): boolean {
    return this.#received.has(channel)
  }

  /** Listens by way of every server there is now. */
  async listen(): Promise<void> {
    const channels = await this.#commands.run(async (client) => client.spread(this.#name))
    for (const channel of this.#received.keys()) if (!channels.includes(channel)) this.#ignore(channel)
    for (const channel of channels) {
      if (this.#received.has(channel)) continue
      await this.#subscriber.add(channel)
      this.#received.set(channel, this.#sent)
    }
  }

  async send(): Promise<void> {
    if (!this.#subscription.isOpen) return
    await this.listen()
    const probe = String(++this.#sent)
    const channels = [...this.#received.keys()]
    await this.#commands.run((client) =>
      Promise.all(channels.map((channel) => client.sendCommand(['SPUBLISH', channel, probe]))),
    )
    // What was lost meanwhile is made anew without this.
    if (this.#isHeard() || !this.#subscription.isOpen) return
    this.#timer ??= setTimeout(() => {
      this.forget()
      this.#subscription.restart(new Error(`nothing published arrived for ${this.#timeoutMs} ms`))
    }, this.#timeoutMs)
  }

  receive(channel: string, probe: string): void {
    this.#received.set(channel, Number(probe))
    if (this.#isHeard()) this.forget()
  }

  /** Waits for nothing any more. */
  forget(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #isHeard(): boolean {
    return [...this.#received.values()].every((probe) => probe === this.#sent)
  }

  #ignore(channel: string): void {
    this.#received.delete(channel)
    this.#subscriber.remove(channel)
  }
}
