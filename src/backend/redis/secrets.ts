import type { BackendEnvironment } from '../backend.ts'
import { findOrSet } from './client.ts'
import type { RedisClient } from './client.ts'
import type { RedisConnection } from './connection.ts'
import type { RedisKeys } from './keys.ts'

const SECRET_BYTES = 32

/** Random bytes that all processes share, each made by whoever asks for it first. */
export class RedisSecrets {
  readonly #connection: RedisConnection
  readonly #keys: RedisKeys
  readonly #environment: BackendEnvironment
  readonly #known = new Map<string, string>()

  constructor(connection: RedisConnection, keys: RedisKeys, environment: BackendEnvironment) {
    this.#connection = connection
    this.#keys = keys
    this.#environment = environment
  }

  async find(name: string): Promise<Uint8Array> {
    const drawn = Buffer.from(this.#environment.randomBytes(SECRET_BYTES)).toString('base64url')
    const secret = await this.#connection.run((client) => this.#keep(client, name, drawn))
    this.#known.set(name, secret)
    return Uint8Array.from(Buffer.from(secret, 'base64url'))
  }

  async replace(name: string, bytes: Uint8Array): Promise<void> {
    const secret = Buffer.from(bytes).toString('base64url')
    await this.#connection.run((client) => client.sendCommand(['SET', this.#keys.secret(name), secret]))
    this.#known.set(name, secret)
  }

  /** Gives back to a Redis that has lost everything what this process had from it, so that what was signed stays good. */
  async restore(client: RedisClient): Promise<void> {
    await Promise.all([...this.#known].map(([name, secret]) => this.#keep(client, name, secret)))
  }

  #keep(client: RedisClient, name: string, secret: string): Promise<string> {
    return findOrSet(client, this.#keys.secret(name), secret)
  }
}
