import { BackendError } from '../index.ts'
import { explainBackendError } from './explain-backend-error.ts'

/** The package checks some values itself and begins its message with its own name of the option. */
const FLAGS = {
  keyPrefix: '--redis-prefix',
  rooms: '--rooms',
  origins: '--origins',
  path: '--path',
  'metrics.token': '--metrics-token',
  secret: '--token-secret',
  'tokens.secret': '--token-secret',
  'tokens.publicKey': '--token-public-key',
  'tokens.jwks': '--token-jwks',
  'tokens.algorithms': '--token-algorithm',
}

const SHARING_HINT = '. Several processes are one chat when they share a Redis: --redis, or REDIS_URL'

/**
 * What went wrong at the start and what to do about it, in one line.
 *
 * @throws The error itself where it did not come from outside: a fault of ours, of which the stack tells more.
 */
export function explainStartError(error: unknown): string {
  if (error instanceof BackendError) return explainBackendError(error) + (error.code === 'in_use' ? SHARING_HINT : '')
  if (!(error instanceof Error)) throw error
  const option = Object.entries(FLAGS).find(([name]) => error.message.startsWith(`${name}: `))
  if (option) return option[1] + error.message.slice(option[0].length)
  return explainListenError(error)
}

/** What node:net adds to an error of `listen()`. */
interface ListenError extends Error {
  readonly code?: string
  readonly port?: number
  readonly address?: string
  readonly hostname?: string
}

function explainListenError(error: ListenError): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${error.port} is in use: stop the program that has it, or choose another with --port`
    case 'EACCES':
      return `port ${error.port} is not for this user: choose one from 1024 up with --port`
    case 'EADDRNOTAVAIL':
    case 'EAI_AGAIN':
    case 'ENOTFOUND':
      return `--host: ${error.hostname ?? error.address} is not an address of this machine; leave it out to listen on all of them`
    default:
      throw error
  }
}
