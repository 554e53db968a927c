import type { JoinCommand } from '../protocol/commands.ts'
import { ChatError } from '../protocol/errors.ts'
import type { ResetReason } from '../protocol/events.ts'
import type { Position } from '../protocol/message.ts'
import type { Connection } from './connection.ts'
import { joinedJson, messagesJson } from './frames.ts'
import { pageLength } from './page-length.ts'
import type { RoomReader } from './reader.ts'
import { logReplaced } from './room.ts'
import type { Room } from './room.ts'
import type { Speaker } from './speaker.ts'

/** What a join has found to begin with. */
interface Beginning {
  readonly resumed: boolean
  readonly reset?: ResetReason
  readonly hasOlder?: boolean
  /** Where the reader stands that applied `messages`. */
  readonly position: Position
  readonly head: Position
  readonly messages: string
}

/**
 * Lets a connection into a room: live changes are held back first, then the log is read and answered with, then they are released
 * from where the answer ends, so that none falls in between and none comes twice.
 *
 * @throws {ChatError} as `PROTOCOL.md` says of `join`
 */
export async function join(connection: Connection, speaker: Speaker, command: JoinCommand): Promise<void> {
  const { context, link, readers } = connection
  const { limits } = context.options
  const length = pageLength(command.limit, limits)
  if (!readers.has(command.room) && readers.size >= limits.roomsPerConnection) {
    throw new ChatError('limit_reached', `one connection may be in ${limits.roomsPerConnection} rooms; leave one first`)
  }
  await admit(connection, speaker, command)
  const reader = await enter(connection, command)
  if (!reader) return
  const { room } = reader
  const ticket = reader.holdBack('entering')
  try {
    const beginning = await begin(room, command, length)
    const { resumed, reset, hasOlder, position, head, messages } = beginning
    const readSeq = await context.options.backend.marker(room.id, speaker.user.id)
    const members = await room.presence.members()
    // Access may have ended while the log was read, or between the answer and this turn.
    let forgotten: number
    do {
      forgotten = speaker.forgotten
      await context.access.check(speaker, 'read', room.id)
    } while (speaker.forgotten !== forgotten)
    if (!reader.isHeld(ticket)) {
      if (link.isOpen) throw logReplaced()
      return
    }
    const title = context.access.titleOf(speaker, room.id)
    const joined = {
      id: command.id,
      room: room.id,
      ...(title !== undefined && { title }),
      resumed,
      ...(reset && { reset }),
      position,
      head: head.seq,
      ...(hasOlder !== undefined && { hasOlder }),
      readSeq,
    }
    link.send(joinedJson(joined, members, limits.membersNamed, messages))
    room.catchUp(reader, position)
  } catch (error) {
    if (readers.get(command.room) === reader) readers.delete(command.room)
    room.leave(reader)
    throw error
  }
}

/** Lets nobody in who may not read the room, and who is in it already out. */
async function admit({ context, readers }: Connection, speaker: Speaker, { room }: JoinCommand): Promise<void> {
  try {
    await context.access.check(speaker, 'read', room)
  } catch (error) {
    const reader = readers.get(room)
    readers.delete(room)
    reader?.room.leave(reader)
    throw error
  }
}

/** The connection's reader in the room, a new one where it has none; undefined where the connection has ended meanwhile. */
async function enter(connection: Connection, command: JoinCommand): Promise<RoomReader | undefined> {
  const { readers, context, link } = connection
  const known = readers.get(command.room)
  if (known) return known
  const room = await context.rooms.open(command.room)
  if (!link.isOpen) return undefined
  const reader = room.enter(connection, 'natter.v1')
  readers.set(command.room, reader)
  return reader
}

async function begin(room: Room, { since }: JoinCommand, length: number): Promise<Beginning> {
  if (!since) return { resumed: false, ...(await newest(room, length)) }
  const read = await room.readSince(since)
  if (read.status === 'reset') return { resumed: false, reset: read.reason, ...(await newest(room, length)) }
  return { resumed: true, position: read.position, head: read.head, messages: messagesJson(read.messages) }
}

async function newest(room: Room, length: number): Promise<Omit<Beginning, 'resumed' | 'reset'>> {
  const { head, hasOlder, messages } = await room.newestPage(length)
  return { position: head, head, hasOlder, messages }
}
