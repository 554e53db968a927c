import * as z from 'zod'
import { ERROR_CODES } from './errors.ts'
import type { ServerEvent } from './events.ts'
import { emoji, id, key, messageId, position, room, seq, text } from './fields.ts'
import type { Tag, UserId } from './ids.ts'

/**
 * The shape of every event, for the published schemas and for tests; their types are written out in `events.ts`, which
 * browsers load nothing for. Neither can have what the other lacks: it would not compile.
 */

const time = z
  .int()
  .nonnegative()
  .meta({ description: "Milliseconds since the Unix epoch, by the server's clock. For people." })
const tag = text.max(64) as unknown as z.ZodType<Tag>
const retryMs = z.number().nonnegative()

export const user = z
  .object({
    id: text.meta({ description: 'Who this is, for ever.' }) as unknown as z.ZodType<UserId>,
    name: text.meta({ description: 'For people; names may change and repeat.' }),
    avatarUrl: z.string().exactOptional(),
  })
  .meta({ description: 'A user as others see them.' })

export const reaction = z
  .object({ emoji, users: z.array(user).readonly() })
  .meta({ description: 'One emoji under a message, and everybody who chose it, in the order they did.' })

export const message = z
  .object({
    id: messageId,
    seq: seq.meta({ description: "The seq of its post: its place among the room's messages, for good." }),
    rev: seq
      .meta({
        description: 'The seq of its newest change; absent while that is the post. The higher state is the newer.',
      })
      .exactOptional(),
    key,
    author: user,
    text: text.meta({ description: 'As its author typed it: text, not markup. Empty once deleted.' }),
    postedAt: time,
    editedAt: time.exactOptional(),
    editKey: key.meta({ description: 'The key of the edit that gave it its text.' }).exactOptional(),
    deletedAt: time.exactOptional(),
    replyTo: messageId.exactOptional(),
    reactions: z.array(reaction).readonly().exactOptional(),
  })
  .meta({ description: 'What was said, as it now stands.' })

const messages = z.array(message).readonly()
const limits = z.object({
  textCodePoints: z.int(),
  frameBytes: z.int(),
  nameCodePoints: z.int(),
  roomsPerConnection: z.int(),
  pageMessages: z.int(),
  emojiPerMessage: z.int(),
  usersPerEmoji: z.int(),
  membersNamed: z.int(),
})
const resetReason = z.enum(['epoch', 'fork', 'trimmed', 'ahead'])
const members = z.array(user).readonly().exactOptional()
const count = z.int().nonnegative()
const expiresInMs = z.number().nonnegative().exactOptional()

/** What a refusal says, on the wire and by HTTP. */
export const refusal = {
  code: z.enum(ERROR_CODES).meta({ description: 'Stable, for programs.' }),
  message: z.string().meta({ description: 'For people who read logs; it may change.' }),
  retryAfterMs: retryMs.meta({ description: 'Milliseconds after which the same may succeed.' }).exactOptional(),
}

/** Every event by its type. */
export const EVENTS = {
  welcome: z.object({
    type: z.literal('welcome'),
    id,
    user,
    guestToken: z.string().exactOptional(),
    expiresInMs,
    heartbeatMs: z.int(),
    limits,
    server: z.object({ name: z.string(), version: z.string() }),
  }),
  renewed: z.object({ type: z.literal('renewed'), id, user, expiresInMs }),
  joined: z.object({
    type: z.literal('joined'),
    id,
    room,
    title: z.string().exactOptional(),
    resumed: z.boolean(),
    reset: resetReason.exactOptional(),
    position,
    head: seq,
    messages,
    hasOlder: z.boolean().exactOptional(),
    readSeq: seq,
    count,
    members,
  }),
  change: z.object({ type: z.literal('change'), room, seq, tag, message }),
  changes: z.object({ type: z.literal('changes'), room, after: seq, position, head: seq, messages }),
  reset: z.object({ type: z.literal('reset'), room, reason: resetReason }),
  removed: z.object({ type: z.literal('removed'), room, code: z.literal('forbidden'), message: z.string() }),
  ack: z.object({ type: z.literal('ack'), id, room, position, messageId }),
  ok: z.object({ type: z.literal('ok'), id }),
  error: z.object({ type: z.literal('error'), id: id.exactOptional(), ...refusal }),
  page: z.object({
    type: z.literal('page'),
    id,
    room,
    messages,
    hasOlder: z.boolean(),
    hasNewer: z.boolean(),
  }),
  typing: z.object({ type: z.literal('typing'), room, user, on: z.boolean() }),
  presence: z.object({ type: z.literal('presence'), room, count, members }),
  read: z.object({ type: z.literal('read'), room, seq }),
  heartbeat: z.object({ type: z.literal('heartbeat'), heads: z.record(z.string(), position) }),
  goodbye: z.object({ type: z.literal('goodbye'), retryInMs: retryMs }),
} as const satisfies { readonly [T in ServerEvent['type']]: z.ZodType<EventOf<T>> }

type EventOf<T extends ServerEvent['type']> = Extract<ServerEvent, { type: T }>

/** The fields and events that only one of the two has, or that differ. There is none, or this does not compile. */
export type Mismatch = Nothing<
  {
    [T in ServerEvent['type']]: EventOf<T> extends z.infer<(typeof EVENTS)[T]>
      ? Exclude<keyof EventOf<T>, keyof z.infer<(typeof EVENTS)[T]>>
      : T
  }[ServerEvent['type']]
>
type Nothing<T extends never> = T
