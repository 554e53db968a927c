import { SignJWT, jwtVerify } from 'jose'
import type { Backend } from '../backend/backend.ts'
import type { HelloCommand } from '../protocol/commands.ts'
import type { UserId } from '../protocol/ids.ts'
import type { User } from '../protocol/message.ts'
import type { RandomPool } from './random-pool.ts'
import { parseName } from './text.ts'

const AUDIENCE = 'natter:guest'

export interface Guest {
  readonly user: User
  readonly token: string
}

/** Guests: anyone, under a name of their choice, but for ever the same user, by a token only this chat can sign (RFC 7519, HS256). */
export class Guests {
  readonly #backend: Backend
  readonly #random: RandomPool
  readonly #nameCodePoints: number
  /** Imported once: made from bytes anew for each token, a key costs more than the signature. */
  #key: Promise<CryptoKey> | undefined

  constructor(backend: Backend, random: RandomPool, nameCodePoints: number) {
    this.#backend = backend
    this.#random = random
    this.#nameCodePoints = nameCodePoints
  }

  /** @throws {ChatError} `bad_command` where the name will not do, `unavailable` */
  async identify({ name, guestToken }: Pick<HelloCommand, 'name' | 'guestToken'>): Promise<Guest> {
    const chosen = name === undefined ? undefined : parseName(name, this.#nameCodePoints)
    const known = guestToken === undefined ? undefined : await this.#verify(guestToken)
    const id = known ?? (`g_${this.#random.text(14)}` as UserId)
    return {
      user: { id, name: chosen ?? `Guest ${id.slice(-4)}` },
      token: known && guestToken !== undefined ? guestToken : await this.#sign(id),
    }
  }

  async #sign(id: UserId): Promise<string> {
    return await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience(AUDIENCE)
      .setSubject(id)
      .sign(await this.#signingKey())
  }

  /** Whose token it is; undefined for one that this chat did not sign, which makes its bearer a new guest. */
  async #verify(token: string): Promise<UserId | undefined> {
    const key = await this.#signingKey()
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], audience: AUDIENCE })
      return payload.sub as UserId | undefined
    } catch {
      return undefined
    }
  }

  async #signingKey(): Promise<CryptoKey> {
    this.#key ??= this.#importKey()
    try {
      return await this.#key
    } catch (error) {
      this.#key = undefined
      throw error
    }
  }

  async #importKey(): Promise<CryptoKey> {
    const secret = await this.#backend.secret('guest')
    return await crypto.subtle.importKey('raw', Uint8Array.from(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
      'verify',
    ])
  }
}
