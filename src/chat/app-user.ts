import type { UserId } from '../protocol/ids.ts'
import type { User } from '../protocol/message.ts'
import { cleanName } from '../protocol/names.ts'

/** A user as the app knows them. Others see `id`, `name` and `avatarUrl`; the rest, also fields of the app's own, stays on the server. */
export interface AppUser {
  /** Who it is, for ever: 1 to 128 characters. Names may change and repeat; ids do neither. */
  readonly id: string
  /** For people. Put into one line, and cut after 128 code points. */
  readonly name: string
  /** An `https:` or `http:` address, or a path on the page's own site. Anything else is left out. */
  readonly avatarUrl?: string | null | undefined
  /** What this user is, to rules about who may do what: by custom `member`, `moderator` or `bot`. Guests are `guest`. */
  readonly role?: string | undefined
}

const MAX_ID_LENGTH = 128
const MAX_NAME_CODE_POINTS = 128
const MAX_AVATAR_LENGTH = 2_048

/** What this chat makes up for guests and for peers of the plain dialect. An app's user with such an id could be taken for one. */
const MADE_UP_ID = /^[gp]_[\w-]{14}$/

/** What begins the ids of names that the app's own code posts under: a user with such an id could change what they said. */
export const APP_ID_PREFIX = 'app:'

/**
 * What others see of `user`.
 *
 * @param maker Who made it, to begin the message with.
 * @throws {TypeError} that names the field which will not do, without its value.
 */
export function toShownUser(user: AppUser, maker: string): User {
  const { id, name, avatarUrl } = user
  if (typeof id !== 'string' || !/^\P{C}{1,128}$/u.test(id) || id.length > MAX_ID_LENGTH)
    throw new TypeError(`${maker}: "id" must be a string of 1 to ${MAX_ID_LENGTH} characters that can be seen`)
  if (MADE_UP_ID.test(id)) throw new TypeError(`${maker}: "id" has the form of a guest's; put something before it`)
  if (id.startsWith(APP_ID_PREFIX))
    throw new TypeError(
      `${maker}: "id" begins with "${APP_ID_PREFIX}", as names do that the app posts under; put something before it`,
    )
  if (typeof name !== 'string') throw new TypeError(`${maker}: "name" must be a string`)
  return {
    id: id as UserId,
    name: cleanName(name, MAX_NAME_CODE_POINTS) || id,
    ...(isAvatarUrl(avatarUrl) && { avatarUrl }),
  }
}

function isAvatarUrl(url: unknown): url is string {
  if (typeof url !== 'string' || url.length > MAX_AVATAR_LENGTH) return false
  // Two slashes at the start lead to another host, by whatever scheme the page has; so does a backslash in one's place.
  return /^\/(?![/\\])/.test(url) || /^https?:$/.test(URL.parse(url)?.protocol ?? '')
}
