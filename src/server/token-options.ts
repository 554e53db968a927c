import type { JWK } from 'jose'
import type { AppUser } from '../chat/app-user.ts'
import type { MaybePromise } from '../chat/identity.ts'
import { parseKeySet, parsePublicKey, parseSecret, TOKEN_ALGORITHMS } from '../chat/token-keys.ts'
import type { TokenAlgorithm, TokenKeys } from '../chat/token-keys.ts'
import type { TokenClaims, TokenVerifierOptions } from '../chat/tokens.ts'

interface TokenSettings {
  /** What tokens are signed with by HS256: 32 bytes or more, in UTF-8. One of `secret`, `publicKey` and `jwks` has to be given. */
  readonly secret?: string | undefined
  /** The public half of what tokens are signed with, as PEM or JWK: Ed25519 for EdDSA, P-256 for ES256, RSA for RS256. */
  readonly publicKey?: string | JWK | undefined
  /**
   * Where the signer publishes its keys: the `https:` address of a JSON Web Key Set (RFC 7517). Read when the first token comes and every
   * ten minutes, and sooner where a token names a key that is not in it: keys can be changed without a restart. Needs `algorithms`.
   */
  readonly jwks?: string | URL | undefined
  /** The only algorithms that count. Defaults to the one of the secret or key; what a token says of itself decides nothing. */
  readonly algorithms?: readonly TokenAlgorithm[] | undefined
  /** What a token must have as its `aud`, or among them: that it was made for this chat. */
  readonly audience: string
  /** What a token must have as its `iss`. Without it: anything. */
  readonly issuer?: string | undefined
}

/** Tokens of another backend. Where the app's users have more fields than `AppUser`, `toUser` has to make them. */
export type TokenOptions<U extends AppUser = AppUser> = TokenSettings &
  (AppUser extends U ? { readonly toUser?: ToUser<U> | undefined } : { readonly toUser: ToUser<U> })

/**
 * Makes the app's user of a token whose signature and claims were checked, or refuses by giving none. By default: `sub` is the id, `name`
 * the name (or the id), `picture` the avatar, and `role` the role (or `member`).
 */
export type ToUser<U extends AppUser> = (claims: TokenClaims) => MaybePromise<U | null | undefined>

/** @throws TypeError or RangeError that names the option and what to set. */
export function resolveTokenOptions({
  algorithms,
  audience,
  issuer,
  toUser = userOf,
  ...keys
}: TokenOptions): TokenVerifierOptions {
  const parsed = parseKeys(keys)
  return {
    keys: parsed,
    algorithms: parseAlgorithms(algorithms, parsed),
    audience: parseText('audience', audience),
    issuer: issuer === undefined ? undefined : parseText('issuer', issuer),
    toUser,
  }
}

function parseKeys({ secret, publicKey, jwks }: Pick<TokenSettings, 'secret' | 'publicKey' | 'jwks'>): TokenKeys {
  if ([secret, publicKey, jwks].filter((key) => key !== undefined && key !== '').length !== 1)
    throw new TypeError('tokens: set one of secret, publicKey and jwks: without it no token can be checked')
  if (secret) return parseSecret('tokens.secret', secret)
  if (publicKey) return parsePublicKey('tokens.publicKey', publicKey)
  return parseKeySet('tokens.jwks', jwks ?? '')
}

function parseAlgorithms(
  algorithms: readonly TokenAlgorithm[] | undefined,
  keys: TokenKeys,
): readonly TokenAlgorithm[] {
  const only = 'key' in keys ? [keys.algorithm] : undefined
  const wanted = algorithms ?? only
  if (!wanted || wanted.length === 0)
    throw new TypeError('tokens.algorithms: say which of EdDSA, ES256 and RS256 the keys of tokens.jwks are for')
  const possible = only ?? TOKEN_ALGORITHMS.filter((algorithm) => algorithm !== 'HS256')
  const other = wanted.find((algorithm) => !possible.includes(algorithm))
  if (other !== undefined)
    throw new TypeError(`tokens.algorithms: this key is for ${possible.join(', ')}, not ${JSON.stringify(other)}`)
  return wanted
}

function parseText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`tokens.${name}: must be a string that is not empty`)
}

function userOf({ sub, name = sub, picture, role = 'member' }: TokenClaims): AppUser {
  return { id: sub, name, avatarUrl: picture, role }
}
