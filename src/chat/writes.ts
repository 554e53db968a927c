import { hash } from 'node:crypto'
import type { Append, Appended, Backend } from '../backend/backend.ts'
import type { DeleteCommand, EditCommand, PostCommand, ReactCommand } from '../protocol/commands.ts'
import { ChatError } from '../protocol/errors.ts'
import type { RoomId, Seq } from '../protocol/ids.ts'
import type { Limits } from '../protocol/limits.ts'
import type { Message, Position, User } from '../protocol/message.ts'
import type { ChatContext } from './context.ts'
import { LogTime } from './log-time.ts'
import type { WriteKind } from './observer.ts'
import { withReaction } from './reactions.ts'
import type { Speaker } from './speaker.ts'
import { checkText } from './text.ts'
import type { Peer } from './transport.ts'

/** A message without what the log gives it. */
type Body = Omit<Message, 'seq' | 'rev'>
/** What a post asks for. */
export type Post = Omit<PostCommand, 'type' | 'id'>
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
  /** What was stored: the message without what the log gives it. */
  readonly body?: string
  /** Of a message that was changed: the seq of its post. */
  readonly seq?: Seq
}

/**
 * Posts a message, with another text than its author asked for where the app changed it. `time`: what is left of it, where something was asked of the log before. Called without a wait in between, posts take their seqs in the order of the calls.
 *
 * @throws {ChatError} as `PROTOCOL.md` says of `post`
 */
export function post(
  context: ChatContext,
  author: User,
  asked: Post,
  text = asked.text,
  time?: LogTime,
): Promise<Stored> {
  const { room, key, replyTo } = asked
  context.rooms.check(room)
  checkText(text, context.options.limits.textCodePoints)
  const id = context.random.messageId()
  const postedAt = context.options.environment.now()
  const body: Body = { id, key, author, text, postedAt, ...(replyTo !== undefined && { replyTo }) }
  const write = {
    room,
    sender: author.id,
    key,
    digest: digestOfPost(asked),
    messageId: id,
    body: JSON.stringify(body),
  }
  return time ? time.spend(() => append(context, write)) : append(context, write)
}

/** Whether the log has a write of this key already. */
export function findEarlierPost({ options, random }: ChatContext, author: User, asked: Post): Promise<boolean> {
  const { room, key } = asked
  const messageId = random.messageId()
  return findEarlier(options.backend, { room, sender: author.id, key, digest: digestOfPost(asked), messageId })
}

async function findEarlier(backend: Backend, write: Omit<Append, 'body' | 'rev'>): Promise<boolean> {
  const { status } = await backend.append({ ...write, body: '{}', rev: NO_REV })
  return status !== 'conflict'
}

/** @throws {ChatError} `message_not_found` where the message that `replyTo` names is not in the room. */
export async function checkReply(
  context: ChatContext,
  { room, replyTo }: Pick<PostCommand, 'room' | 'replyTo'>,
  time: LogTime,
): Promise<void> {
  if (replyTo === undefined) return
  if (!(await time.spend(() => context.options.backend.findMessage(room, replyTo)))) throw messageNotFound()
}

/**
 * Edits, deletes, or reacts to a message for whoever may, whatever others do to it at the same time.
 *
 * @throws {ChatError} as `PROTOCOL.md` says of the command
 */
export async function revise(context: ChatContext, speaker: Speaker, command: Revision): Promise<Stored> {
  const { type, room } = command
  const time = new LogTime(context.options.environment)
  // What it takes to delete a message depends on whose it is.
  const action = type === 'delete' ? 'read' : type
  await context.access.check(speaker, action, room)
  const text = command.type === 'edit' ? await reviewEdit(context, speaker, command, time) : undefined
  // Access may end while the app looks at it, or an earlier change has its turn.
  return reviseUnasked(context, speaker, command, text, () => context.control.confirm(speaker, action, room), time)
}

/** The same for what the app has let through already. `text`: what an edit makes of its message, where that is another than it asked for. `confirm`: rejects where it may not be stored after all. */
export function reviseUnasked(
  context: ChatContext,
  speaker: Speaker,
  command: Revision,
  text?: string,
  confirm?: () => Promise<void>,
  time = new LogTime(context.options.environment),
): Promise<Stored> {
  const { room, messageId } = command
  return context.revisions.take(
    `${room}/${messageId}`,
    () => appendRevision(context, speaker, command, time, text, confirm),
    (turn) => time.spend(() => turn),
  )
}

/** The text that an edit is to give its message. */
async function reviewEdit(
  { options, reviews }: ChatContext,
  speaker: Speaker,
  command: EditCommand,
  time: LogTime,
): Promise<string> {
  const { room, key, messageId, text } = command
  checkText(text, options.limits.textCodePoints)
  if (!reviews.areAsked) return text
  const { user } = speaker
  const write = { room, sender: user.id, key, digest: digestOfRevision(command), messageId }
  if (await time.spend(() => findEarlier(options.backend, write))) return text
  return reviews.review(speaker, { kind: 'edit', room, key, author: user, messageId, text })
}

/**
 * Has the operator, and the app, told of a write that is in the log, unless it was there before. They are told in the order of the calls, and
 * behind what is to be delivered: nobody's message waits for that.
 */
export function reportStored(
  { options, events, pump }: ChatContext,
  peer: Peer,
  kind: WriteKind,
  room: RoomId,
  stored: Stored,
  appendMs: number,
): void {
  const { position, bytes } = stored
  if (bytes === 0) return
  pump.afterPasses(() => {
    options.observer.onStored({ peer, room, seq: position.seq, kind, bytes, appendMs })
    const isPost = kind === 'post'
    if (!events.hasListeners('change') && !(isPost && events.hasListeners('message'))) return
    const message = messageOf(stored)
    if (isPost) events.emit('message', { room, message })
    events.emit('change', { room, kind, message })
  })
}

async function appendRevision(
  context: ChatContext,
  speaker: Speaker,
  command: Revision,
  time: LogTime,
  text?: string,
  confirm?: () => Promise<void>,
): Promise<Stored> {
  const change = command.type === 'edit' && text !== undefined ? { ...command, text } : command
  const { access } = context
  const { backend, environment, limits } = context.options
  const { user } = speaker
  const { room, key, messageId } = command
  const write = { room, sender: user.id, key, digest: digestOfRevision(command), messageId }
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = await time.spend(() => backend.findMessage(room, messageId))
    const before = stored && (JSON.parse(stored.body) as Body)
    if (command.type === 'delete' && before && before.deletedAt === undefined)
      await access.check(speaker, isAuthor(before, user) ? 'delete' : 'moderate', room)
    const after = before ? applied(before, user, change, environment.now(), limits) : messageNotFound()
    if (!stored || after instanceof ChatError || after === before) {
      // A retry of a write that is in the log is acked as it was, whatever has become of the message since.
      const earlier = await time.spend(() => backend.append({ ...write, body: '{}', rev: NO_REV }))
      if (earlier.status !== 'conflict') return storedOrRefused(earlier)
      if (after instanceof ChatError) throw after
      return { position: await time.spend(() => backend.head(room)), messageId, bytes: 0 }
    }
    const body = JSON.stringify(after)
    await confirm?.()
    const appended = await time.spend(() => backend.append({ ...write, body, rev: stored.rev }))
    if (appended.status !== 'conflict') return { ...storedOrRefused(appended, body), seq: stored.seq }
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
    return command.text === message.text
      ? message
      : { ...message, text: command.text, editedAt: now, editKey: command.key }
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

function append(context: ChatContext, write: Append): Promise<Stored> {
  return context.options.backend.append(write).then((appended) => storedOrRefused(appended, write.body))
}

function storedOrRefused(appended: Appended, body = ''): Stored {
  if (appended.status === 'key_reused')
    throw new ChatError('key_reused', 'this key was used for another write; make a new one for each')
  if (appended.status === 'conflict') throw new ChatError('conflict', 'a message of this id exists; try again')
  const { position, messageId, duplicate } = appended
  return duplicate ? { position, messageId, bytes: 0 } : { position, messageId, bytes: Buffer.byteLength(body), body }
}

/** The message that was stored, as a client gets it. */
function messageOf({ position, body = '{}', seq }: Stored): Message {
  const message = JSON.parse(body) as Body
  return { ...message, seq: seq ?? position.seq, ...(seq !== undefined && { rev: position.seq }) }
}

function digestOfPost({ text, replyTo }: Post): string {
  return digestOf(`post\0${text}\0${replyTo ?? ''}`)
}

function digestOfRevision(command: Revision): string {
  const { type, messageId } = command
  if (type === 'edit') return digestOf(`edit\0${messageId}\0${command.text}`)
  if (type === 'delete') return digestOf(`delete\0${messageId}`)
  return digestOf(`react\0${messageId}\0${command.emoji}\0${command.on}`)
}

/** Tells apart what two writes ask, in 96 bits. Texts hold no NUL, so it parts what is asked. */
function digestOf(asked: string): string {
  return hash('sha256', asked, 'base64url').slice(0, 16)
}

export function messageNotFound(): ChatError {
  return new ChatError('message_not_found', 'there is no such message in this room')
}
