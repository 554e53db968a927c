import { createPublicKey, createSecretKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { JWK } from 'jose'

export const TOKEN_ALGORITHMS = ['HS256', 'EdDSA', 'ES256', 'RS256'] as const
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number]

/** What tokens are checked with: one key, or where the set of them is. */
export type TokenKeys = { readonly key: KeyObject; readonly algorithm: TokenAlgorithm } | { readonly url: URL }

/** RFC 7518 §3.2: a key for HS256 is no shorter than the hash. */
const MIN_SECRET_BYTES = 32

/** RFC 7518 §3.3. */
const MIN_RSA_BITS = 2_048

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** @throws {TypeError | RangeError} */
export function parseSecret(option: string, secret: string): TokenKeys & { readonly key: KeyObject } {
  // Taken for a secret, a key that everybody may have would let everybody sign.
  if (isKeyText(secret))
    throw new TypeError(
      `${option}: this is a key as PEM or JWK, no secret; a public key is given as publicKey (--token-public-key)`,
    )
  const bytes = Buffer.from(secret)
  if (bytes.length < MIN_SECRET_BYTES) {
    throw new RangeError(
      `${option}: must be ${MIN_SECRET_BYTES} bytes or more, and has ${bytes.length}; "openssl rand -base64 32" makes one`,
    )
  }
  return { key: createSecretKey(bytes), algorithm: 'HS256' }
}

/**
 * @param publicKey PEM, or a JWK.
 * @throws {TypeError}
 */
export function parsePublicKey(option: string, publicKey: string | JWK): TokenKeys {
  // A private key would do, but has no business here: whoever has it can sign.
  const isPrivate = typeof publicKey === 'string' ? publicKey.includes('PRIVATE KEY') : 'd' in publicKey
  if (isPrivate)
    throw new TypeError(`${option}: this is a private key; give the public one, and keep the other to the signer`)
  const key = readPublicKey(option, publicKey)
  return { key, algorithm: algorithmOf(option, key) }
}

/** @throws {TypeError} */
export function parseKeySet(option: string, address: string | URL): TokenKeys {
  const url = URL.parse(address)
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  // Without TLS anybody on the way could put a key of their own into it.
  if (!url || !isSafe) throw new TypeError(`${option}: must be the https address of a JSON Web Key Set`)
  return { url }
}

function readPublicKey(option: string, publicKey: string | JWK): KeyObject {
  try {
    return createPublicKey(typeof publicKey === 'string' ? publicKey : { key: publicKey, format: 'jwk' })
  } catch (cause) {
    throw new TypeError(`${option}: must be a public key as PEM, "-----BEGIN PUBLIC KEY-----…", or as a JWK`, { cause })
  }
}

/** Whether that is a key in one of the forms in which they are passed on. */
function isKeyText(text: string): boolean {
  if (text.includes('-----BEGIN')) return true
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && ('kty' in value || 'keys' in value)
  } catch {
    return false
  }
}

/** The one algorithm that a key is for. */
function algorithmOf(option: string, { asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): TokenAlgorithm {
  const { namedCurve, modulusLength = 0 } = asymmetricKeyDetails
  if (asymmetricKeyType === 'ed25519') return 'EdDSA'
  if (asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return 'ES256'
  if (asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS) return 'RS256'
  throw new TypeError(
    `${option}: must be an Ed25519 key (EdDSA), one of the curve P-256 (ES256), or an RSA key of ${MIN_RSA_BITS} bits or more (RS256)`,
  )
}
