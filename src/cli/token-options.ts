import { readFileSync } from 'node:fs'
import type { TokenOptions } from '../index.ts'
import type { ServeValues } from './options.ts'
import { UsageError } from './parse-options.ts'
import type { Environment } from './parse-options.ts'

/** What the audience of a token is, unless the operator names another. */
export const DEFAULT_AUDIENCE = 'natter'

type TokenValues = Pick<
  ServeValues,
  'tokenSecret' | 'tokenPublicKey' | 'tokenJwks' | 'tokenAlgorithm' | 'tokenAudience' | 'tokenIssuer'
>

const KEYS = '--token-secret, --token-public-key or --token-jwks'

/**
 * How tokens are checked, as the options say; undefined where none of them is given.
 *
 * @throws {UsageError} where they are given by half: who forgot the secret would serve a chat that anybody may enter.
 */
export function toTokenOptions(values: TokenValues, environment: Environment): TokenOptions | undefined {
  const { tokenSecret, tokenPublicKey, tokenJwks, tokenAlgorithm, tokenAudience, tokenIssuer } = values
  refuseEmptySecret(values, environment)
  const keys = [tokenSecret, tokenPublicKey, tokenJwks].filter((key) => key !== undefined).length
  if (keys > 1) throw new UsageError(`--token-…: tokens are checked in one way: give one of ${KEYS}`)
  if (keys === 0) {
    if ((tokenAlgorithm ?? tokenAudience ?? tokenIssuer) === undefined) return undefined
    throw new UsageError(`--token-…: without a key no token can be checked: set ${KEYS} too`)
  }
  return {
    secret: tokenSecret,
    publicKey: tokenPublicKey === undefined ? undefined : readPublicKey(tokenPublicKey),
    jwks: tokenJwks,
    algorithms: tokenAlgorithm && [tokenAlgorithm],
    audience: tokenAudience ?? DEFAULT_AUDIENCE,
    issuer: tokenIssuer,
  }
}

/** Elsewhere an empty variable is none. In production it is a secret that somebody meant to set. */
function refuseEmptySecret({ tokenSecret }: TokenValues, environment: Environment): void {
  if (tokenSecret !== undefined || environment['NODE_ENV'] !== 'production') return
  if (environment['NATTER_TOKEN_SECRET'] === '')
    throw new UsageError(
      'NATTER_TOKEN_SECRET: is empty; set it to 32 bytes or more, or unset it where everybody is a guest',
    )
}

/** PEM, or a JWK. */
function readPublicKey(file: string): NonNullable<TokenOptions['publicKey']> {
  const text = readText(file)
  if (!text.trimStart().startsWith('{')) return text
  try {
    return JSON.parse(text) as NonNullable<TokenOptions['publicKey']>
  } catch (cause) {
    throw new UsageError(`--token-public-key: ${file} holds neither PEM nor a JWK`, { cause })
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`--token-public-key: ${file} cannot be read`, { cause })
  }
}
