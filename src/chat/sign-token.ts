import { SignJWT } from 'jose'
import type { AppUser } from './app-user.ts'
import { parseSecret } from './token-keys.ts'

export interface SignTokenOptions {
  /** What the chat checks tokens with, as its `tokens.secret`: 32 bytes or more. */
  readonly secret: string
  /** What the chat has as its `tokens.audience`. */
  readonly audience: string
  /** What the chat has as its `tokens.issuer`, if it has one. */
  readonly issuer?: string | undefined
  /** Milliseconds for which the token counts. Defaults to 3,600,000: an hour. */
  readonly expiresInMs?: number | undefined
}

/**
 * A token for a user of the app, by HS256: what a page of theirs hands to the chat.
 *
 * @throws {TypeError | RangeError} where the secret is too short or a key in PEM or a JWK, or the time no time.
 */
export async function signToken(
  { id, name, avatarUrl, role }: Pick<AppUser, 'id' | 'avatarUrl' | 'role'> & { readonly name?: string | undefined },
  { secret, audience, issuer, expiresInMs = 3_600_000 }: SignTokenOptions,
): Promise<string> {
  if (!(expiresInMs > 0)) throw new RangeError(`expiresInMs: must be more than 0, not ${expiresInMs}`)
  const { key } = parseSecret('secret', secret)
  const claims = {
    ...(name !== undefined && { name }),
    ...(avatarUrl && { picture: avatarUrl }),
    ...(role !== undefined && { role }),
    ...(issuer !== undefined && { iss: issuer }),
  }
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(new Date(Date.now() + expiresInMs))
    .sign(key)
}
