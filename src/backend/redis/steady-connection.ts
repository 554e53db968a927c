import type { RedisClient, RedisServer } from './client.ts'
import type { RedisConnection } from './connection.ts'

/** Keys that one step of a scan looks at. */
export const SCAN_COUNT = '500'

/**
 * A connection to Redis for as long as it lasts. On another one the server may be another too, with less than the one before, or with its
 * keys elsewhere: what was read of both is no chat that ever was.
 */
export class SteadyConnection {
  readonly #connection: RedisConnection
  readonly #client: RedisClient

  /** @throws {ChatError} `unavailable` */
  static async take(connection: RedisConnection): Promise<SteadyConnection> {
    return new SteadyConnection(connection, await connection.run(async (client) => client))
  }

  private constructor(connection: RedisConnection, client: RedisClient) {
    this.#connection = connection
    this.#client = client
  }

  /** @throws {ChatError} `unavailable`, also where there is another one by now. */
  async run<Reply>(command: (client: RedisClient) => Promise<Reply>): Promise<Reply> {
    return await this.#connection.run((client) => {
      if (client !== this.#client) throw new Error('the connection is another')
      return command(client)
    })
  }

  send(command: readonly string[]): Promise<unknown> {
    return this.run((client) => client.sendCommand(command))
  }

  /** The names of all keys that match a pattern, on every server, some of them at a time. One may come twice. */
  async *scan(pattern: string): AsyncGenerator<readonly string[]> {
    for (const server of this.#client.servers) yield* this.#scanServer(server, pattern)
  }

  async *#scanServer(server: RedisServer, pattern: string): AsyncGenerator<readonly string[]> {
    let cursor = '0'
    do {
      const command = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT]
      const [next, names] = (await this.run(() => server.sendCommand(command))) as readonly [string, readonly string[]]
      yield names
      cursor = next
    } while (cursor !== '0')
  }
}
