import type { ServeOptions } from '../index.ts'
import type { ServeValues } from './options.ts'
import { UsageError } from './parse-options.ts'
import type { Environment } from './parse-options.ts'
import { findForRoom } from './per-room.ts'
import { toTokenOptions } from './token-options.ts'

/**
 * The options of the command line in the words of the package.
 *
 * @throws {UsageError} where some that belong together are missing.
 */
export function toServeOptions(options: ServeValues, environment: Environment): Omit<ServeOptions, 'backend'> {
  const tokens = toTokenOptions(options, environment)
  if (options.guests === false && !tokens)
    throw new UsageError('--no-guests: nobody could enter: set --token-secret, --token-public-key or --token-jwks too')
  refuseForgottenKey(options, tokens !== undefined, environment)
  return {
    port: options.port,
    host: options.host,
    path: options.path,
    rooms: options.rooms,
    retention: toRetention(options),
    tokens,
    guests: options.guests,
    origins: options.origins,
    trustProxy: options.trustProxy,
    plain: options.plain,
    metrics: options.metrics && options.metricsToken !== undefined ? { token: options.metricsToken } : options.metrics,
    limits: {
      textCodePoints: options.maxText,
      nameCodePoints: options.maxName,
      frameBytes: options.maxFrame,
      roomsPerConnection: options.maxRoomsPerConnection,
      emojiPerMessage: options.maxEmojiPerMessage,
      usersPerEmoji: options.maxUsersPerEmoji,
      membersNamed: options.maxMembersNamed,
    },
    writeRate: options.writeRate,
    commandRate: options.commandRate,
    slowReaderMs: options.slowReader,
    maxConnections: options.maxConnections,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress,
  }
}

function toRetention({ keepFor, keepMessages }: ServeValues): ServeOptions['retention'] {
  if (keepFor.length === 0 && keepMessages.length === 0) return undefined
  return (room) => ({ maxAgeMs: findForRoom(keepFor, room), maxMessages: findForRoom(keepMessages, room) })
}

/** Who names the origins of an app means that app's users. Without a key everybody would be let in instead, and nothing would look broken. */
function refuseForgottenKey({ origins, guests }: ServeValues, hasKey: boolean, environment: Environment): void {
  if (environment['NODE_ENV'] !== 'production' || origins.length === 0 || hasKey || guests !== undefined) return
  throw new UsageError(
    '--origins: without a key everybody would be a guest: set NATTER_TOKEN_SECRET, --token-public-key or --token-jwks, or --guests where that is meant',
  )
}
