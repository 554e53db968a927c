import { BackendError } from '../backend-error.ts'
import type { RedisServer } from './client.ts'

/** The oldest major version of Redis that has all that is used: sharded channels, scripts that say what they do. */
const OLDEST_REDIS = 7

/** What `INFO` says of a server: names and values. */
type ServerInfo = ReadonlyMap<string, string>

/**
 * Whether a server can keep the log. Returns what the operator is to be warned of, a line each.
 *
 * @throws {BackendError} `unsupported`, `not_primary` or `evicts`.
 */
export async function checkServer(client: RedisServer, address: string): Promise<string[]> {
  const info = parseInfo(String(await client.sendCommand(['INFO'])))
  requireVersion(info, address)
  requirePrimary(info, address)
  return [...checkEviction(info, address), ...checkPersistence(info, address)]
}

function parseInfo(text: string): ServerInfo {
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':')
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : []
    }),
  )
}

function requireVersion(info: ServerInfo, address: string): void {
  // Valkey calls itself a Redis 7.2 here, and what it is in a line of its own.
  if (info.has('valkey_version')) return
  const version = info.get('redis_version') ?? 'unknown'
  if (Number.parseInt(version, 10) >= OLDEST_REDIS) return
  throw new BackendError(
    'unsupported',
    `${address} is a Redis ${version}: use Redis ${OLDEST_REDIS} or newer, or Valkey`,
  )
}

function requirePrimary(info: ServerInfo, address: string): void {
  if (info.get('role') === 'master') return
  throw new BackendError(
    'not_primary',
    `${address} is a replica, which takes no writes: use the address of its primary`,
  )
}

function checkEviction(info: ServerInfo, address: string): string[] {
  const policy = info.get('maxmemory_policy') ?? 'noeviction'
  if (policy === 'noeviction') return []
  const advice = `maxmemory-policy is ${policy}, which throws messages away when memory is full: set it to noeviction`
  if (info.get('maxmemory') === '0') return [`${address}: ${advice} before you set a maxmemory`]
  throw new BackendError('evicts', `${address}: ${advice}`)
}

function checkPersistence(info: ServerInfo, address: string): string[] {
  if (info.get('aof_enabled') !== '0') return []
  return [`${address} keeps no append-only file, so a restart loses what was said last: set appendonly to yes`]
}
