import { decodeJwt, jwtVerify, SignJWT } from 'jose'
import type { Backend } from '../backend/backend.ts'
import { ChatError } from '../protocol/errors.ts'
import type { UserId } from '../protocol/ids.ts'
import type { Credentials, Identity } from './identity.ts'
import type { RandomPool } from './random-pool.ts'
import { parseName } from './text.ts'

const AUDIENCE = 'natter:guest'

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

  /**
   * The guest whose token it is, or a new one.
   *
   * @throws {ChatError} `bad_command` where the name will not do, `unavailable`
   */
  async identify({ name, guestToken }: Pick<Credentials, 'name' | 'guestToken'>): Promise<Identity> {
    const chosen = name === undefined ? undefined : parseName(name, this.#nameCodePoints)
    const known = guestToken === undefined ? undefined : await this.#verify(guestToken)
    if (known && guestToken !== undefined) return guestOf(known, chosen, guestToken)
    const id = `g_${this.#random.text(14)}` as UserId
    return guestOf(id, chosen, await this.#sign(id))
  }

  /**
   * The guest whose token it is, and no other.
   *
   * @throws {ChatError} `unauthorized`, `bad_command` where the name will not do, `unavailable`
   */
  async recognize(guestToken: string, name: string | undefined): Promise<Identity> {
    const chosen = name === undefined ? undefined : parseName(name, this.#nameCodePoints)
    const id = await this.#verify(guestToken)
    if (id === undefined) throw new ChatError('unauthorized', 'the token was refused: this chat did not sign it')
    return guestOf(id, chosen, guestToken)
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

/** Whether a token says of itself that it is a guest's. */
export function isGuestToken(token: string): boolean {
  try {
    return decodeJwt(token).aud === AUDIENCE
  } catch {
    return false
  }
}

function guestOf(id: UserId, chosen: string | undefined, guestToken: string): Identity {
  const name = chosen ?? `Guest ${id.slice(-4)}`
  return { user: { id, name }, appUser: { id, name, role: 'guest' }, guestToken }
}
