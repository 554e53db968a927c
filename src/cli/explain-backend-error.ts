import type { BackendError, BackendErrorCode } from '../index.ts'

/** What a command has to add to what the package says of a backend. */
const HINTS: { readonly [Code in BackendErrorCode]?: string } = {
  bad_url: '. It is set by --redis, NATTER_REDIS, REDIS_TLS_URL, REDIS_URL or REDISCLOUD_URL',
  untrusted: '. For a command that is --redis-trust-any-certificate',
}

/** Why a backend cannot be opened and what to do about it, in one line. */
export function explainBackendError({ code, message }: BackendError): string {
  return message + (HINTS[code] ?? '')
}
