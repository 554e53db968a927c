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
import type { Connection } from './connection.ts'
import { eventJson, pageJson } from './frames.ts'
import { readHistory } from './history.ts'
import { join } from './join.ts'
import { MAX_JOINED_BYTES } from './link.ts'
import { preparePost } from './posting.ts'
import type { PreparedPost } from './posting.ts'
import type { RoomReader } from './reader.ts'
import type { Speaker } from './speaker.ts'
import { post, reportStored, revise } from './writes.ts'
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
  speaker: Speaker,
  command: Exclude<Command, HelloCommand>,
): Promise<void> | undefined {
  switch (command.type) {
    case 'join':
      return join(connection, speaker, command)
    case 'leave':
      return leave(connection, command)
    case 'post':
    case 'edit':
    case 'delete':
    case 'react':
      return write(connection, speaker, command)
    case 'history':
      return history(connection, speaker, command)
    case 'read':
      return read(connection, speaker, command)
    case 'token':
      return connection.renew(speaker, command)
    case 'typing':
      return typing(connection, speaker, command)
    default:
      return assertNever(command)
  }
}

function write(connection: Connection, speaker: Speaker, command: WriteCommand): Promise<void> | undefined {
  connection.countWrite()
  if (command.type !== 'post') {
    // A revision reads the message before it appends: what comes behind it would overtake it, or read what it is about to change.
    return answer(connection, command, revise(connection.context, speaker, command))
  }
  const preparing = preparePost(connection.context, speaker, command)
  if (preparing) return connection.context.inFlight.track(postLater(connection, speaker, command, preparing))
  storePost(connection, speaker, command)
  return undefined
}

async function postLater(
  connection: Connection,
  speaker: Speaker,
  command: PostCommand,
  preparing: Promise<PreparedPost>,
): Promise<void> {
  storePost(connection, speaker, command, await preparing)
}

function storePost(connection: Connection, { user }: Speaker, command: PostCommand, prepared?: PreparedPost): void {
  void answer(connection, command, post(connection.context, user, command, prepared?.text, prepared?.time))
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
  const { inFlight, options, pump } = connection.context
  const since = options.environment.monotonicNow()
  inFlight.begin()
  try {
    const stored = await storing
    const { position, messageId } = stored
    const ack = eventJson({ type: 'ack', id, room, position, messageId })
    connection.link.sendWithDelivery(ack, () => {
      const reader = connection.readers.get(room)
      // In a loud room the pass comes round with all of it soon enough, in fewer writes.
      if (reader && reader.pendingBytes <= MAX_JOINED_BYTES) pump.flush(reader.fanOut, reader)
    })
    const appendMs = options.environment.monotonicNow() - since
    reportStored(connection.context, connection.peer, kind, room, stored, appendMs)
  } catch (error) {
    connection.refuse(id, error)
  } finally {
    inFlight.end()
  }
}

function leave(connection: Connection, { id, room }: LeaveCommand): undefined {
  const reader = connection.readers.get(room)
  if (!reader) throw notJoined(room)
  connection.readers.delete(room)
  reader.room.leave(reader)
  connection.link.send(eventJson({ type: 'ok', id }))
}

async function history(connection: Connection, speaker: Speaker, command: HistoryCommand): Promise<void> {
  const { messages, hasOlder, hasNewer } = await readHistory(connection.context, speaker, command)
  connection.link.send(pageJson(command.id, command.room, hasOlder, hasNewer, messages))
}

async function read(connection: Connection, speaker: Speaker, { id, room, seq }: ReadCommand): Promise<void> {
  const { options, access } = connection.context
  await access.check(speaker, 'read', room)
  await options.backend.advanceMarker(room, speaker.user.id, seq)
  connection.link.send(eventJson({ type: 'ok', id }))
}

function typing(connection: Connection, speaker: Speaker, command: TypingCommand): Promise<void> | undefined {
  const { id, room } = command
  if (!connection.readers.has(room)) throw notJoined(room)
  const allowed = connection.context.access.check(speaker, 'post', room)
  const tell = (): void => {
    const reader = connection.readers.get(room)
    if (!reader) throw notJoined(room)
    tellTyping(connection, speaker, reader, command)
    connection.link.send(eventJson({ type: 'ok', id }))
  }
  if (allowed) return allowed.then(tell)
  tell()
  return undefined
}

function tellTyping({ context }: Connection, { user }: Speaker, reader: RoomReader, { room, on }: TypingCommand): void {
  const { backend, environment } = context.options
  const now = environment.monotonicNow()
  if (on ? now - reader.typingAt < TYPING_REPEAT_MS : !reader.isTyping) return
  if (on) reader.typingAt = now
  reader.isTyping = on
  backend.signal(room, eventJson({ type: 'typing', room, user, on }))
}

function notJoined(room: string): ChatError {
  return new ChatError('not_joined', `join "${room}" first`)
}

function assertNever(command: never): never {
  throw new Error(`no case for ${JSON.stringify(command)}`)
}
