import type { ServeOptions } from '../index.ts'
import type { ServeValues } from './options.ts'

/** The options of the command line in the words of the package. */
export function toServeOptions(options: ServeValues): Omit<ServeOptions, 'backend'> {
  return {
    port: options.port,
    host: options.host,
    path: options.path,
    rooms: options.rooms,
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
