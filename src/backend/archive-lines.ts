import * as z from 'zod'
import { isKey, isRoomId } from '../protocol/ids.ts'
import type { Epoch, Key, MessageId, RoomId, Seq, Tag, UserId } from '../protocol/ids.ts'
import type { ArchivePart, KeptWrite, LoggedChange, RoomMarker } from './archive.ts'

/** Of the format below. A reader refuses any other. */
export const ARCHIVE_VERSION = 1

/** What is wrong with an archive, in one line; where it is a line's fault, it says which. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

/** What every change is kept with: backends make it so, and that of Redis counts on it. */
const TAG = /^[\w-]{5}$/

const seq = z.int().nonnegative() as unknown as z.ZodType<Seq>
const tag = z.string().regex(TAG) as unknown as z.ZodType<Tag>
const name = z.string().min(1).max(512)
const epoch = name as unknown as z.ZodType<Epoch>
const user = name as unknown as z.ZodType<UserId>
const messageId = name as unknown as z.ZodType<MessageId>
const room = z.custom<RoomId>(isRoomId, 'must be the name of a room')
const key = z.custom<Key>(isKey, 'must be the key of a write')

const header = z.object({ type: z.literal('natter-export'), version: z.literal(ARCHIVE_VERSION), epoch })
const line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('secret'), name, value: z.base64url() }),
  z.object({
    type: z.literal('room'),
    room,
    epoch,
    /** Seq 0, and no tag, where nothing was. */
    trimmed: z.object({ seq, tag: z.literal('').or(tag) as unknown as z.ZodType<Tag> }),
  }),
  z.object({ type: z.literal('change'), seq, tag }),
  z.object({
    type: z.literal('message'),
    seq,
    tag,
    id: messageId,
    /** The seq of its post, where that was another change. */
    posted: seq.optional(),
    body: z.record(z.string(), z.unknown()),
  }),
  z.object({ type: z.literal('marker'), room, user, seq }),
  z.object({
    type: z.literal('write'),
    room,
    sender: user,
    key,
    digest: z.string().max(512),
    seq,
    tag,
    messageId,
    time: z.int().nonnegative(),
  }),
  z.object({ type: z.literal('end'), lines: z.int().nonnegative(), sha256: z.string() }),
])

/** A line after the first one. */
export type ArchiveLine = z.infer<typeof line>

/** A part as lines, each with its line break. A message is one line of JSON, so what was said never breaks one. */
export function formatPart(part: ArchivePart): string {
  switch (part.type) {
    case 'epoch':
      return format({ type: 'natter-export', version: ARCHIVE_VERSION, epoch: part.epoch })
    case 'secret':
      return format({ type: 'secret', name: part.name, value: Buffer.from(part.bytes).toString('base64url') })
    case 'room':
      return format(part)
    case 'changes':
      return part.changes.map(formatChange).join('')
    case 'markers':
      return part.markers.map((marker) => format({ type: 'marker', ...marker })).join('')
    default:
      return part.writes.map((write) => format({ type: 'write', ...write })).join('')
  }
}

/** The last line. `sha256` is of all bytes before it. */
export function formatEnd(lines: number, sha256: string): string {
  return format({ type: 'end', lines, sha256 })
}

/** @throws {ArchiveError} */
export function parseHeader(text: string): Epoch {
  const value = parseJson(text)
  if (!isObject(value) || value['type'] !== 'natter-export')
    throw new ArchiveError('this is no export of a chat: its first line is not that of one')
  if (value['version'] !== ARCHIVE_VERSION)
    throw new ArchiveError(
      `the export is of version ${String(value['version'])}, and this Natter reads version ${ARCHIVE_VERSION}: use the Natter that wrote it, or a newer one`,
    )
  return parseAs(header, value, 1).epoch
}

/**
 * @param number The line's own, for the message if it is wrong.
 * @throws {ArchiveError} It never repeats what the line holds.
 */
export function parseLine(text: string, number: number): ArchiveLine {
  return parseAs(line, parseJson(text), number)
}

export function toChange(entry: Extract<ArchiveLine, { type: 'change' | 'message' }>): LoggedChange {
  const { seq: rev } = entry
  if (entry.type === 'change') return { seq: rev, tag: entry.tag }
  const { id, posted = rev, body } = entry
  return { seq: rev, tag: entry.tag, message: { id, seq: posted, rev, body: JSON.stringify(body) } }
}

export function toMarker({ type: _type, ...marker }: Extract<ArchiveLine, { type: 'marker' }>): RoomMarker {
  return marker
}

export function toWrite({ type: _type, ...write }: Extract<ArchiveLine, { type: 'write' }>): KeptWrite {
  return write
}

/** The body is JSON already, and goes in as it is. */
function formatChange({ seq: at, tag: of, message }: LoggedChange): string {
  if (!message) return format({ type: 'change', seq: at, tag: of })
  const posted = message.seq === at ? undefined : message.seq
  const opened = JSON.stringify({ type: 'message', seq: at, tag: of, id: message.id, posted }).slice(0, -1)
  return `${opened},"body":${message.body}}\n`
}

function format(value: object): string {
  return `${JSON.stringify(value)}\n`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseAs<Shape>(shape: z.ZodType<Shape>, value: unknown, number: number): Shape {
  if (!isObject(value)) throw new ArchiveError(`line ${number} is no JSON object`)
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.path.join('.') || 'type'
  throw new ArchiveError(`line ${number}: its "${field}" is missing, or not what it must be`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
