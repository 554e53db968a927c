import type {
  Command,
  HelloCommand,
  HistoryCommand,
  LeaveCommand,
  PostCommand,
  ReadCommand,
  TypingCommand,
  WriteCommand,
} from '../protocol/commands.ts'
import { ChatError } from '../protocol/errors.ts'
import type { User } from '../protocol/message.ts'
import type { Connection } from './connection.ts'
import { eventJson, pageJson } from './frames.ts'
import { join } from './join.ts'
import { pageLength } from './page-length.ts'
import { checkReply, post, reportStored, revise } from './writes.ts'
import type { Stored } from './writes.ts'

/** Others are told that a user types, and goes on typing, no sooner than after this; and once for each time that it ended. */
const TYPING_REPEAT_MS = 2_000

/**
 * Carries out one command of a user who has said hello.
 *
 * @returns a promise where the connection's next command must wait for this one
 * @throws {ChatError} or rejects with one
 */
export function dispatch(
  connection: Connection,
  user: User,
  command: Exclude<Command, HelloCommand>,
): Promise<void> | undefined {
  switch (command.type) {
    case 'join':
      return join(connection, command)
    case 'leave':
      return leave(connection, command)
    case 'post':
    case 'edit':
    case 'delete':
    case 'react':
      return write(connection, user, command)
    case 'history':
      return history(connection, command)
    case 'read':
      return read(connection, user, command)
    case 'typing':
      return typing(connection, user, command)
    default:
      return assertNever(command)
  }
}

function write(connection: Connection, user: User, command: WriteCommand): Promise<void> | undefined {
  connection.countWrite()
  if (command.type !== 'post') {
    // A revision reads the message before it appends: what comes behind it would overtake it, or read what it is about to change.
    return answer(connection, command, revise(connection.context, user, command))
  }
  const keepingUp = connection.context.rooms.find(command.room)?.keepingUp()
  if (keepingUp || command.replyTo !== undefined)
    return connection.context.inFlight.track(postLater(connection, user, command, keepingUp))
  storePost(connection, user, command)
  return undefined
}

async function postLater(
  connection: Connection,
  user: User,
  command: PostCommand,
  keepingUp: Promise<void> | undefined,
): Promise<void> {
  await keepingUp
  await checkReply(connection.context, command)
  storePost(connection, user, command)
}

function storePost(connection: Connection, user: User, command: PostCommand): void {
  void answer(connection, command, post(connection.context, user, command))
  // A post ends its author's typing, so the next `typing` is news again.
  const reader = connection.readers.get(command.room)
  if (!reader) return
  reader.typingAt = -Infinity
  reader.isTyping = false
}

/** Acks once the log has the write. Never rejects. */
async function answer(
  connection: Connection,
  { id, room, type: kind }: WriteCommand,
  storing: Promise<Stored>,
): Promise<void> {
  const { inFlight, options } = connection.context
  const since = options.environment.monotonicNow()
  try {
    const stored = await inFlight.track(storing)
    const { position, messageId } = stored
    connection.link.sendWithDelivery(eventJson({ type: 'ack', id, room, position, messageId }))
    reportStored(options, connection.peer, kind, room, stored, since)
  } catch (error) {
    connection.refuse(id, error)
  }
}

function leave(connection: Connection, { id, room }: LeaveCommand): undefined {
  const reader = connection.readers.get(room)
  if (!reader) throw notJoined(room)
  connection.readers.delete(room)
  reader.room.leave(reader)
  connection.link.send(eventJson({ type: 'ok', id }))
}

async function history(
  connection: Connection,
  { id, room, before, after, around, limit: asked }: HistoryCommand,
): Promise<void> {
  const { options, rooms } = connection.context
  rooms.check(room)
  const limit = pageLength(asked, options.limits)
  const edge =
    around !== undefined ? { around } : before !== undefined ? { before } : after !== undefined ? { after } : {}
  const { messages, hasOlder, hasNewer } = await options.backend.readPage(room, { limit, ...edge })
  connection.link.send(pageJson(id, room, hasOlder, hasNewer, messages))
}

async function read(connection: Connection, user: User, { id, room, seq }: ReadCommand): Promise<void> {
  const { options, rooms } = connection.context
  rooms.check(room)
  await options.backend.advanceMarker(room, user.id, seq)
  connection.link.send(eventJson({ type: 'ok', id }))
}

function typing(connection: Connection, user: User, { id, room, on }: TypingCommand): undefined {
  const reader = connection.readers.get(room)
  if (!reader) throw notJoined(room)
  const { backend, environment } = connection.context.options
  const now = environment.monotonicNow()
  if (on ? now - reader.typingAt >= TYPING_REPEAT_MS : reader.isTyping) {
    if (on) reader.typingAt = now
    reader.isTyping = on
    backend.signal(room, eventJson({ type: 'typing', room, user, on }))
  }
  connection.link.send(eventJson({ type: 'ok', id }))
}

function notJoined(room: string): ChatError {
  return new ChatError('not_joined', `join "${room}" first`)
}

function assertNever(command: never): never {
  throw new Error(`no case for ${JSON.stringify(command)}`)
}
