import { createRemoteJWKSet, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose'
import type { KeyObject } from 'node:crypto'
import type { AppUser } from './app-user.ts'
import type { Environment } from './environment.ts'
import type { MaybePromise } from './identity.ts'
import type { TokenAlgorithm, TokenKeys } from './token-keys.ts'

/** What an app signed about a user. */
export interface TokenClaims {
  /** The user's id. */
  readonly sub: string
  readonly name?: string
  /** The address of the user's picture. */
  readonly picture?: string
  readonly role?: string
  /** When the token ends, in seconds since the Unix epoch. */
  readonly exp: number
  /** Claims of the app's own. */
  readonly [claim: string]: unknown
}

export interface TokenVerifierOptions {
  readonly keys: TokenKeys
  readonly algorithms: readonly TokenAlgorithm[]
  readonly audience: string
  readonly issuer: string | undefined
  /** Makes the app's user of what the token says. May refuse, by giving none. */
  readonly toUser: (claims: TokenClaims) => MaybePromise<AppUser | null | undefined>
}

/** What a token says that was found to be right. */
export interface Verified {
  readonly claims: TokenClaims
  /** When it ends, in milliseconds since the Unix epoch. */
  readonly expiresAt: number
}

/** Seconds by which the clocks of the signer and this machine may differ. */
const CLOCK_TOLERANCE_S = 5

/** Characters in a token, as on the wire. */
const MAX_TOKEN_LENGTH = 8_192

/** Milliseconds until which a set of keys is asked for again, where it lacks the one that a token names. */
const KEYS_COOLDOWN_MS = 10_000

const REQUIRED_CLAIMS = ['exp', 'aud', 'sub']

/** Why a token does not count, to be read after "the token was refused: ". Holds nothing of the token. */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal'
}

/** Checks tokens that an app signed (RFC 7519), as the operator said they are signed: by which key and algorithm, for and by whom. */
export class TokenVerifier {
  readonly toUser: TokenVerifierOptions['toUser']
  readonly #key: KeyObject | JWTVerifyGetKey
  readonly #options: JWTVerifyOptions
  readonly #environment: Pick<Environment, 'now'>

  constructor(
    { keys, algorithms, audience, issuer, toUser }: TokenVerifierOptions,
    environment: Pick<Environment, 'now'>,
  ) {
    this.#key = 'url' in keys ? createRemoteJWKSet(keys.url, { cooldownDuration: KEYS_COOLDOWN_MS }) : keys.key
    this.#options = {
      algorithms: [...algorithms],
      audience,
      ...(issuer !== undefined && { issuer }),
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: REQUIRED_CLAIMS,
    }
    this.toUser = toUser
    this.#environment = environment
  }

  /** @throws {TokenRefusal}; any other error where the keys cannot be had. */
  async verify(token: string): Promise<Verified> {
    if (token.length > MAX_TOKEN_LENGTH) throw new TokenRefusal(`it is longer than ${MAX_TOKEN_LENGTH} characters`)
    checkForm(token)
    const claims = checkClaims(await this.#open(token))
    return { claims, expiresAt: (claims.exp + CLOCK_TOLERANCE_S) * 1_000 }
  }

  async #open(token: string): Promise<JWTPayload> {
    const options = { ...this.#options, currentDate: new Date(this.#environment.now()) }
    try {
      const { payload } =
        typeof this.#key === 'function'
          ? await jwtVerify(token, this.#key, options)
          : await jwtVerify(token, this.#key, options)
      return payload
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return await openByAny(error, token, options)
      throw refusalOf(error)
    }
  }
}

/** A token that names no key may be by any of those that fit. */
async function openByAny(
  keys: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let failure: unknown = keys
  for await (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key, options)
      return payload
    } catch (error) {
      failure = error
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break
    }
  }
  throw refusalOf(failure)
}

/** @throws {TokenRefusal} */
function checkForm(token: string): void {
  try {
    const { alg } = decodeProtectedHeader(token)
    if (alg?.toLowerCase() === 'none') throw new TokenRefusal('it is not signed')
    if (token.split('.').length === 3) return
  } catch (error) {
    if (error instanceof TokenRefusal) throw error
  }
  throw new TokenRefusal('it is no JWT')
}

/** What of the claims would not do where they are used. @throws {TokenRefusal} */
function checkClaims(claims: JWTPayload): TokenClaims {
  for (const name of ['sub', 'name', 'picture', 'role']) {
    const isText = typeof claims[name] === 'string' && claims[name] !== ''
    if (!isText && (name === 'sub' || claims[name] !== undefined))
      throw new TokenRefusal(`its "${name}" must be a string that is not empty`)
  }
  if (!Number.isSafeInteger(Math.ceil(claims.exp ?? Number.NaN) * 1_000))
    throw new TokenRefusal('its "exp" must be a time in seconds')
  return claims as TokenClaims
}

/** What to tell of a failure that is the token's; the failure itself where it is not. */
function refusalOf(error: unknown): unknown {
  const reason = reasonOf(error)
  return reason === undefined ? error : new TokenRefusal(reason, { cause: error })
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return 'it has expired'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'it is signed by another algorithm than this chat takes'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'it is signed by another key than this chat knows'
  if (error instanceof errors.JWKSNoMatchingKey) return 'it is signed by another key than this chat knows'
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error)
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) return 'it is no JWT'
  if (error instanceof errors.JOSENotSupported) return 'it asks for something that this chat does not know'
  return undefined
}

function reasonOfClaim({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `it has no "${claim}"`
  if (claim === 'aud') return 'it is for another audience'
  if (claim === 'iss') return 'it is by another issuer'
  if (claim === 'nbf') return 'it does not count yet'
  return `its "${claim}" is malformed`
}
