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
  #secret: Promise<Uint8Array> | undefined

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
      .sign(await this.#key())
  }

  /** Whose token it is; undefined for one that this chat did not sign, which makes its bearer a new guest. */
  async #verify(token: string): Promise<UserId | undefined> {
    const key = await this.#key()
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], audience: AUDIENCE })
      return payload.sub as UserId | undefined
    } catch {
      return undefined
    }
  }

  async #key(): Promise<Uint8Array> {
    this.#secret ??= this.#backend.secret('guest')
    try {
      return await this.#secret
    } catch (error) {
      this.#secret = undefined
      throw error
    }
  }
}
