import type { PostCommand } from '../protocol/commands.ts'
import type { ChatContext } from './context.ts'
import type { Speaker } from './speaker.ts'
import { checkReply, post } from './writes.ts'
import type { Stored } from './writes.ts'

export type Post = Omit<PostCommand, 'type' | 'id'>

/**
 * Posts a message for whoever may.
 *
 * @throws {ChatError} as `PROTOCOL.md` says of `post`
 */
export async function submitPost(context: ChatContext, speaker: Speaker, asked: Post): Promise<Stored> {
  await preparePost(context, speaker, asked)
  return post(context, speaker.user, asked)
}

/**
 * What has to be waited for before a post is stored; undefined where that is nothing, as it mostly is.
 *
 * @throws {ChatError} or rejects with one
 */
export function preparePost(context: ChatContext, speaker: Speaker, asked: Post): Promise<void> | undefined {
  const allowed = context.access.check(speaker, 'post', asked.room)
  const keepingUp = context.rooms.find(asked.room)?.keepingUp()
  if (!allowed && !keepingUp && asked.replyTo === undefined) return undefined
  return prepare(context, asked, allowed, keepingUp)
}

async function prepare(
  context: ChatContext,
  asked: Post,
  allowed: Promise<void> | undefined,
  keepingUp: Promise<void> | undefined,
): Promise<void> {
  await allowed
  await keepingUp
  await checkReply(context, asked)
}
