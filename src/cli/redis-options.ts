import { flag, optional, secret, text } from './option-kinds.ts'
import { option } from './option.ts'
import type { OptionValues } from './option.ts'

/** Where a chat is that several processes share. */
export const REDIS_OPTIONS = {
  redis: {
    ...option(
      'Messages',
      optional(secret('<url>')),
      undefined,
      'Redis 7 or newer, or Valkey, that keeps the messages and lets any number of processes be one chat: redis://user:password@host:6379, or rediss:// for TLS. Needs the package @redis/client.',
      // Where an add-on sets both, the first is the one that is encrypted.
      'REDIS_TLS_URL',
      'REDIS_URL',
      'REDISCLOUD_URL',
    ),
    // A variable may be there for other things. Who types a folder means that chat, and no other.
    insteadOf: 'data',
  },
  redisTrustAnyCertificate: option(
    'Messages',
    flag,
    false,
    'Take any certificate a rediss:// server shows, as Heroku’s needs, whose are self-signed. Nothing tells it from an impostor then.',
  ),
  redisPrefix: option(
    'Messages',
    text('<name>'),
    'natter',
    'What all names in the Redis begin with, for chats that share one.',
  ),
} as const

export type RedisValues = OptionValues<typeof REDIS_OPTIONS>
