import * as z from 'zod'
import type { ErrorCode } from './errors.ts'
import { isRoomId, KEY_PATTERN, ROOM_PATTERN } from './ids.ts'
import type { Epoch, Key, MessageId, RoomId, Seq, Tag } from './ids.ts'
import { DEFAULT_LIMITS } from './limits.ts'

/**
 * The values that commands and events are made of. `meta` is what published schemas say of them beyond what can be read off: where
 * a check is code, the nearest that a schema can say.
 */

/** Text that any client, store and screen can hold: well-formed UTF-16 without NUL. */
export const text = z.string().refine((value) => value.isWellFormed() && !value.includes('\0'), {
  error: 'must hold no lone surrogate and no NUL',
  params: { refusal: 'bad_text' satisfies ErrorCode },
})

const ROOM_RULE = "1 to 64 letters, digits and . _ : ~ -, the first a letter or digit, in Unicode's NFC"
const KEY_RULE = 'must be 8 to 64 characters of A–Z a–z 0–9 _ -, made by the client for this one write'

export const id = z.int().positive().meta({ description: 'Names a command on its connection.' })
export const seq = described<Seq>(
  z.int().nonnegative(),
  "A change's place in its room's log: 1, 2, 3 …; 0 is before the first.",
)
export const room = z
  .string(`must be ${ROOM_RULE}`)
  .refine(isRoomId, `must be ${ROOM_RULE}`)
  .meta({
    pattern: ROOM_PATTERN.source,
    description: `A room's name: ${ROOM_RULE}.`,
    examples: ['lobby'],
  }) as unknown as z.ZodType<RoomId>
export const key = described<Key>(
  z.string(KEY_RULE).regex(KEY_PATTERN, KEY_RULE),
  'Made by the client for one write, a UUIDv7 by custom: the same write sent again with its key is stored once.',
)
export const messageId = described<MessageId>(text.min(1).max(64), 'Names a message, from its post on.')
export const position = z
  .object({
    epoch: text.max(64) as unknown as z.ZodType<Epoch>,
    seq,
    tag: text.max(64) as unknown as z.ZodType<Tag>,
  })
  .meta({ description: 'Where a reader stands in a log: it has every change up to `seq`.' })
export const pageLimit = z.int().positive().max(DEFAULT_LIMITS.pageMessages)
export const token = text.max(8_192)

/** One emoji: a single grapheme of at most 32 UTF-16 units that is not plain text. */
export const emoji = text
  .min(1)
  .max(32)
  .refine(isEmoji, 'must be one emoji')
  .meta({ description: 'One emoji.', examples: ['👍'] })

/** A value that is of one kind alone, though its schema fits others. */
function described<Kind>(schema: z.ZodType, description: string): z.ZodType<Kind> {
  return schema.meta({ description }) as unknown as z.ZodType<Kind>
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

function isEmoji(value: string): boolean {
  const [first, second] = graphemes.segment(value)
  return (
    first !== undefined &&
    second === undefined &&
    /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u.test(value)
  )
}
