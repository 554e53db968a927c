import { SignJWT } from 'jose'
import type { CryptoKey, JWTHeaderParameters } from 'jose'
import type { ServeOptions } from '../../src/index.ts'

export const SECRET = 'a secret of the tests, 32 bytes or more'
export const AUDIENCE = 'chat.example'

/** A chat for the users of an app that signs with `SECRET`. */
export const SIGNED_IN = { tokens: { secret: SECRET, audience: AUDIENCE } } as const satisfies Partial<ServeOptions>

export interface Signing {
  /** Defaults to HS256. */
  readonly header?: JWTHeaderParameters
  /** Defaults to `SECRET`. */
  readonly key?: CryptoKey | Uint8Array
}

/** A token that would do for `SIGNED_IN`, with `claims` in place of its own; `undefined` leaves one out. */
export function sign(
  claims: Readonly<Record<string, unknown>> = {},
  { header = { alg: 'HS256' }, key = bytesOf(SECRET) }: Signing = {},
): Promise<string> {
  const all = { sub: 'ada', name: 'Ada', aud: AUDIENCE, exp: inSeconds(60), ...claims }
  const present = Object.entries(all).filter(([, value]) => value !== undefined)
  return new SignJWT(Object.fromEntries(present)).setProtectedHeader(header).sign(key)
}

/** The time so many seconds from now, as tokens have it. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1_000) + seconds
}

export function bytesOf(secret: string): Uint8Array {
  return new TextEncoder().encode(secret)
}
