import type { Key, MessageId, RoomId } from '../protocol/ids.ts'
import type { ChatContext } from './context.ts'
import { LogTime } from './log-time.ts'
import type { AskedMessage } from './message-hook.ts'
import { Speaker } from './speaker.ts'
import { checkText } from './text.ts'
import { checkReply, findEarlierPost, post, reviseUnasked } from './writes.ts'
import type { Post, Stored } from './writes.ts'

/**
 * Posts a message for whoever may.
 *
 * @throws {ChatError} as `PROTOCOL.md` says of `post`
 */
export async function submitPost(context: ChatContext, speaker: Speaker, asked: Post): Promise<Stored> {
  const prepared = await preparePost(context, speaker, asked)
  return post(context, speaker.user, asked, prepared?.text, prepared?.time)
}

export interface PreparedPost {
  /** That it is to have. */
  readonly text: string
  /** That is left to wait for the log. */
  readonly time: LogTime
}

/**
 * What has to be waited for before a post is stored; undefined where that is nothing, as it mostly is.
 *
 * @throws {ChatError} or rejects with one
 */
export function preparePost(context: ChatContext, speaker: Speaker, asked: Post): Promise<PreparedPost> | undefined {
  const allowed = context.access.check(speaker, 'post', asked.room)
  const keepingUp = context.rooms.find(asked.room)?.keepingUp()
  if (!allowed && !keepingUp && asked.replyTo === undefined && !context.reviews.areAsked) return undefined
  return prepare(context, speaker, asked, allowed, keepingUp)
}

async function prepare(
  context: ChatContext,
  speaker: Speaker,
  asked: Post,
  allowed: Promise<unknown> | undefined,
  keepingUp: Promise<void> | undefined,
): Promise<PreparedPost> {
  const time = new LogTime(context.options.environment)
  await allowed
  await keepingUp
  await checkReply(context, asked, time)
  const text = await lookAt(context, speaker, asked, time)
  // Access may have ended while that took its time.
  await context.control.confirm(speaker, 'post', asked.room)
  return { text, time }
}

/** The text that the app lets through. */
async function lookAt(context: ChatContext, speaker: Speaker, asked: Post, time: LogTime): Promise<string> {
  const { reviews, options } = context
  if (!reviews.areAsked) return asked.text
  checkText(asked.text, options.limits.textCodePoints)
  // What is in the log already was looked at, and stays as it is: the key will say so.
  if (await time.spend(() => findEarlierPost(context, speaker.user, asked))) return asked.text
  const { room, key, text, replyTo } = asked
  return reviews.review(speaker, {
    kind: 'post',
    room,
    key,
    author: speaker.user,
    text,
    ...(replyTo !== undefined && { replyTo }),
  })
}

/** Stores a message that the app had held: under its own key, so that its sender is not shown it twice. */
export async function storeReleased(
  context: ChatContext,
  message: AskedMessage & { readonly room: RoomId; readonly key: Key },
  text: string,
): Promise<Stored> {
  const { kind, room, key, author, replyTo, messageId } = message
  if (kind === 'edit') {
    checkText(text, context.options.limits.textCodePoints)
    const asked = { type: kind, id: 0, room, key, messageId: messageId as MessageId, text: message.text } as const
    return reviseUnasked(context, new Speaker({ user: author, appUser: author }), asked, text)
  }
  const asked = { room, key, text: message.text, ...(replyTo !== undefined && { replyTo: replyTo as MessageId }) }
  return post(context, author, asked, text)
}
