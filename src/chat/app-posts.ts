import { isKey, isRoomId } from '../protocol/ids.ts'
import type { Key, MessageId, RoomId, UserId } from '../protocol/ids.ts'
import type { User } from '../protocol/message.ts'
import { cleanName } from '../protocol/names.ts'
import { APP_ID_PREFIX, toShownUser } from './app-user.ts'
import type { AppUser } from './app-user.ts'
import type { AskedMessage } from './message-hook.ts'
import type { RandomPool } from './random-pool.ts'
import type { Post } from './writes.ts'

const MAX_NAME_CODE_POINTS = 64

/** What an app itself says in a room. */
export interface AppPost<U extends AppUser = AppUser> {
  readonly room: string
  /** One of your users; or a name, for what nobody of them says: its id is then `app:` and the name. */
  readonly author: U | string
  readonly text: string
  /** The same post with the same key, within 24 hours, is stored once. 8 to 64 of `A–Z a–z 0–9 _ -`. Defaults to a new one. */
  readonly key?: string | undefined
  /** The id of the message that it answers. */
  readonly replyTo?: string | undefined
}

/** A post, and who is said to have written it. */
export interface AuthoredPost {
  readonly author: User
  readonly asked: Post
}

/** @throws {TypeError} that names what of it will not do. */
export function parseAppPost({ room, author, text, key, replyTo }: AppPost, random: RandomPool): AuthoredPost {
  return {
    author: typeof author === 'string' ? namedAuthor(author) : toShownUser(author, 'post: author'),
    asked: {
      room: parseRoom(room, 'post'),
      key: key === undefined ? (random.text(22) as Key) : parseKey(key, 'post'),
      text: parseText(text, 'post'),
      ...(replyTo !== undefined && { replyTo: replyTo as MessageId }),
    },
  }
}

/** Checks a message that the app has kept meanwhile, and may have read back from anywhere. */
export function parseAskedMessage(message: AskedMessage): AskedMessage & { readonly room: RoomId; readonly key: Key } {
  const { kind, room, key, author, text, messageId } = message
  if (kind !== 'post' && !(kind === 'edit' && typeof messageId === 'string'))
    throw new TypeError('release: the message must be one that beforeMessage was given')
  if (typeof author?.id !== 'string' || typeof author.name !== 'string')
    throw new TypeError('release: "author" must have an id and a name')
  parseText(text, 'release')
  return { ...message, room: parseRoom(room, 'release'), key: parseKey(key, 'release') }
}

function namedAuthor(author: string): User {
  const name = cleanName(author, MAX_NAME_CODE_POINTS)
  if (name === '') throw new TypeError('post: "author" must be a user, or a name that can be seen')
  return { id: `${APP_ID_PREFIX}${name}` as UserId, name }
}

function parseRoom(room: string, caller: string): RoomId {
  if (isRoomId(room)) return room
  throw new TypeError(
    `${caller}: "room" cannot name a room: 1 to 64 letters, digits and . _ : ~ -, the first a letter or digit`,
  )
}

function parseKey(key: string, caller: string): Key {
  if (isKey(key)) return key
  throw new TypeError(`${caller}: "key" must be 8 to 64 characters of A–Z a–z 0–9 _ -`)
}

function parseText(text: string, caller: string): string {
  if (typeof text === 'string' && text.isWellFormed() && !text.includes('\0')) return text
  throw new TypeError(`${caller}: "text" must be a string without lone surrogates and NUL`)
}
