import { hash } from 'node:crypto'
import type { Append, Appended } from '../backend/backend.ts'
import type { DeleteCommand, EditCommand, PostCommand, ReactCommand, WriteCommand } from '../protocol/commands.ts'
import { ChatError } from '../protocol/errors.ts'
import type { RoomId, Seq } from '../protocol/ids.ts'
import type { Limits } from '../protocol/limits.ts'
import type { Message, Position, User } from '../protocol/message.ts'
import type { ChatContext } from './context.ts'
import type { Observer, WriteKind } from './observer.ts'
import { withReaction } from './reactions.ts'
import type { Speaker } from './speaker.ts'
import { checkText } from './text.ts'
import type { Peer } from './transport.ts'

/** A message without what the log gives it. */
type Body = Omit<Message, 'seq' | 'rev'>
export type Revision = EditCommand | DeleteCommand | ReactCommand

/** How often a change is tried anew on a message that other processes keep changing. */
const MAX_TRIES = 8

/** No message is ever at this rev, so an append of it changes nothing, but still finds an earlier append of its key. */
const NO_REV = 0 as Seq

/** In the log: what an `ack` tells. */
export interface Stored {
  readonly position: Position
  readonly messageId: Message['id']
  /** UTF-8 bytes of what was stored; 0 where nothing had to be. */
  readonly bytes: number
}

/**
 * Posts a message. Called without a wait in between, posts take their seqs in the order of the calls.
 *
 * @throws {ChatError} as `PROTOCOL.md` says of `post`
 */
export function post(
  context: ChatContext,
  author: User,
  { room, key, text, replyTo }: Omit<PostCommand, 'type' | 'id'>,
): Promise<Stored> {
  context.rooms.check(room)
  checkText(text, context.options.limits.textCodePoints)
  const id = context.random.messageId()
  const postedAt = context.options.environment.now()
  const body: Body = { id, key, author, text, postedAt, ...(replyTo !== undefined && { replyTo }) }
  return append(context, {
    room,
    sender: author.id,
    key,
    digest: digestOf('post', text, replyTo),
    messageId: id,
    body: JSON.stringify(body),
  })
}

/** @throws {ChatError} `message_not_found` where the message that `replyTo` names is not in the room. */
export async function checkReply(
  context: ChatContext,
  { room, replyTo }: Pick<PostCommand, 'room' | 'replyTo'>,
): Promise<void> {
  if (replyTo !== undefined && !(await context.options.backend.findMessage(room, replyTo))) throw messageNotFound()
}

/**
 * Edits, deletes, or reacts to a message for whoever may, whatever others do to it at the same time.
 *
 * @throws {ChatError} as `PROTOCOL.md` says of the command
 */
export async function revise(context: ChatContext, speaker: Speaker, command: Revision): Promise<Stored> {
  const { type, room, messageId } = command
  // What it takes to delete a message depends on whose it is.
  await context.access.check(speaker, type === 'delete' ? 'read' : type, room)
  if (command.type === 'edit') checkText(command.text, context.options.limits.textCodePoints)
  return context.revisions.take(`${room}/${messageId}`, () => appendRevision(context, speaker, command))
}

/** Tells the operator of a write that is in the log, unless it was there before. */
export function reportStored(
  observer: Observer,
  peer: Peer,
  kind: WriteKind,
  room: RoomId,
  { position, bytes }: Stored,
  appendMs: number,
): void {
  if (bytes === 0) return
  observer.onStored({ peer, room, seq: position.seq, kind, bytes, appendMs })
}

async function appendRevision(context: ChatContext, speaker: Speaker, command: Revision): Promise<Stored> {
  const { access } = context
  const { backend, environment, limits } = context.options
  const { user } = speaker
  const { room, key, messageId } = command
  const write = { room, sender: user.id, key, digest: digestOfRevision(command), messageId }
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = await backend.findMessage(room, messageId)
    const before = stored && (JSON.parse(stored.body) as Body)
    if (command.type === 'delete' && before && before.deletedAt === undefined)
      await access.check(speaker, isAuthor(before, user) ? 'delete' : 'moderate', room)
    const after = before ? applied(before, user, command, environment.now(), limits) : messageNotFound()
    if (!stored || after instanceof ChatError || after === before) {
      // A retry of a write that is in the log is acked as it was, whatever has become of the message since.
      const earlier = await backend.append({ ...write, body: '{}', rev: NO_REV })
      if (earlier.status !== 'conflict') return storedOrRefused(earlier, 0)
      if (after instanceof ChatError) throw after
      return { position: await backend.head(room), messageId, bytes: 0 }
    }
    const body = JSON.stringify(after)
    const appended = await backend.append({ ...write, body, rev: stored.rev })
    if (appended.status !== 'conflict') return storedOrRefused(appended, Buffer.byteLength(body))
  }
  throw new ChatError('conflict', 'the message kept changing; try again', { retryAfterMs: 1_000 })
}

/** The message as the command leaves it; the same object where it changes nothing, an error where it may not. */
function applied(message: Body, user: User, command: Revision, now: number, limits: Limits): Body | ChatError {
  if (message.deletedAt !== undefined) {
    return command.type === 'delete' && isAuthor(message, user)
      ? message
      : new ChatError('message_deleted', 'the message was deleted')
  }
  if (command.type === 'react') return reacted(message, user, command, limits)
  if (command.type === 'edit') {
    if (!isAuthor(message, user)) return new ChatError('forbidden', 'only its author may edit a message')
    return command.text === message.text ? message : { ...message, text: command.text, editedAt: now }
  }
  const { reactions: _reactions, ...rest } = message
  return { ...rest, text: '', deletedAt: now }
}

function isAuthor(message: Body, user: User): boolean {
  return message.author.id === user.id
}

function reacted(message: Body, user: User, { emoji, on }: ReactCommand, limits: Limits): Body | ChatError {
  const { reactions: before = [], ...rest } = message
  const after = withReaction(before, user, emoji, on, limits)
  if (after instanceof ChatError) return after
  if (after === before) return message
  return after.length > 0 ? { ...rest, reactions: after } : rest
}

async function append(context: ChatContext, write: Append): Promise<Stored> {
  return storedOrRefused(await context.options.backend.append(write), Buffer.byteLength(write.body))
}

function storedOrRefused(appended: Appended, bytes: number): Stored {
  if (appended.status === 'key_reused')
    throw new ChatError('key_reused', 'this key was used for another write; make a new one for each')
  if (appended.status === 'conflict') throw new ChatError('conflict', 'a message of this id exists; try again')
  const { position, messageId, duplicate } = appended
  return { position, messageId, bytes: duplicate ? 0 : bytes }
}

function digestOfRevision(command: Revision): string {
  if (command.type === 'edit') return digestOf('edit', command.messageId, command.text)
  if (command.type === 'delete') return digestOf('delete', command.messageId)
  return digestOf('react', command.messageId, command.emoji, String(command.on))
}

/** Tells apart what two writes ask, in 96 bits. Texts hold no NUL, so it parts them. */
function digestOf(type: WriteCommand['type'], ...parts: readonly (string | undefined)[]): string {
  return hash('sha256', [type, ...parts].join('\0'), 'base64url').slice(0, 16)
}

export function messageNotFound(): ChatError {
  return new ChatError('message_not_found', 'there is no such message in this room')
}
