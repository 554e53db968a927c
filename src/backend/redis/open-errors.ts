import { ChatError } from '../../protocol/errors.ts'
import { BackendError } from '../backend-error.ts'

/** What TLS says of a certificate that cannot be verified. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_|ALTNAME/

const REFUSED = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/

/** The address of a Redis as it may be shown: without user and password. */
export function addressOf(url: URL): string {
  return `Redis at ${url.hostname}:${url.port || '6379'}`
}

/** The number of the database that a URL names, as in `redis://host/1`; 0 without one. @throws {BackendError} `bad_url` */
export function databaseOf({ pathname }: URL): number {
  const text = pathname.slice(1)
  if (/^\d*$/.test(text)) return Number(text)
  throw new BackendError(
    'bad_url',
    `the Redis URL names the database ${JSON.stringify(text)}: it is a number, as in redis://host:6379/1`,
  )
}

/** @throws {BackendError} `bad_url`. What was given is not repeated: it may hold a password. */
export function parseRedisUrl(text: string): URL {
  const url = URL.parse(text)
  if (url && (url.protocol === 'redis:' || url.protocol === 'rediss:') && url.hostname !== '') return url
  throw new BackendError(
    'bad_url',
    'the Redis URL is none: it looks like redis://user:password@host:6379, or rediss:// for TLS',
  )
}

/** What the operator is told of a failure to open the Redis at `address`. */
export function explainRedisError(error: unknown, address: string, database: number): BackendError {
  const cause = firstOf(error)
  if (cause instanceof BackendError) return cause
  const options = { cause: error }
  const reason = cause instanceof Error ? cause.message.replaceAll(/\s+/g, ' ') : String(cause)
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (REFUSED.test(reason)) {
    return new BackendError(
      'unauthorized',
      `${address} refuses us (${reason}): check the user and password in its URL`,
      options,
    )
  }
  if (/DB index/.test(reason)) {
    const hint = 'use a lower number at the end of its URL, or none'
    return new BackendError('bad_url', `${address} has no database ${database}: ${hint}`, options)
  }
  if (UNTRUSTED.test(code)) {
    const hint = 'a rediss:// address needs a certificate that can be verified, unless "trustAnyCertificate" is set'
    return new BackendError(
      'untrusted',
      `${address} shows a certificate that is not trusted (${code}): ${hint}`,
      options,
    )
  }
  return new BackendError(
    'unreachable',
    `${address} cannot be reached (${code || reason}): check its URL, and that it runs, or name another server of its cluster`,
    options,
  )
}

/** What is at the bottom of an error. A name with several addresses fails once for each. */
function firstOf(error: unknown): unknown {
  if (error instanceof ChatError) return firstOf(error.cause)
  return error instanceof AggregateError ? firstOf(error.errors[0]) : error
}
