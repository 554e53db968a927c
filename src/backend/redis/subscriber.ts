import type { MessageListener, RedisClient } from './client.ts'
import type { RedisConnection } from './connection.ts'

/** Channels that one command subscribes to. */
const BATCH = 500

/**
 * Which channels this process listens to. Sharded ones (`SSUBSCRIBE`), so that in a cluster a room's messages stay on the server
 * that has the room.
 */
export class Subscriber {
  readonly #onMessage: MessageListener
  readonly #channels = new Set<string>()
  #connection: RedisConnection | undefined

  constructor(onMessage: MessageListener) {
    this.#onMessage = onMessage
  }

  /** The connection's `prepare` is this object's {@link restore}. */
  attach(connection: RedisConnection): void {
    this.#connection = connection
  }

  /** Subscribes a new connection to all there is, before it counts as open. */
  async restore(client: RedisClient): Promise<void> {
    const channels = [...this.#channels]
    for (let i = 0; i < channels.length; i += BATCH) {
      await client.sSubscribe(channels.slice(i, i + BATCH), this.#onMessage)
    }
  }

  /**
   * Resolves once what is published on `channel` arrives.
   *
   * @throws {ChatError} `unavailable`; the channel is then not listened to.
   */
  async add(channel: string): Promise<void> {
    this.#channels.add(channel)
    try {
      await this.#connection?.run((client) => client.sSubscribe([channel], this.#onMessage))
    } catch (error) {
      this.#channels.delete(channel)
      throw error
    }
  }

  remove(channel: string): void {
    if (!this.#channels.delete(channel)) return
    // Only where it is told the listener does the client keep a subscription apart that is made while this one ends. Where the
    // connection is lost, so is the subscription.
    this.#connection?.run((client) => client.sUnsubscribe([channel], this.#onMessage)).catch(() => {})
  }
}
