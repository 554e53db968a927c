import type { UserId } from '../protocol/ids.ts'
import type { Message, User } from '../protocol/message.ts'
import type { Entry } from './entry.ts'
import { POSTS, targetOf } from './entry.ts'
import type { PageLoader } from './page-loader.ts'
import type { ReadMarker } from './read-marker.ts'
import type { RoomQueue } from './room-queue.ts'
import type { Session } from './session.ts'
import { showStored, showUnstored, uidOf } from './shown.ts'
import type { Timeline } from './timeline.ts'
import type { RoomState, RoomStatus, StoredMessage, TimelineMessage } from './types.ts'
import type { Typing } from './typing.ts'

export interface RoomParts {
  readonly timeline: Timeline
  readonly queue: RoomQueue
  readonly loader: PageLoader
  readonly marker: ReadMarker
  readonly typing: Typing
}

/** What the server tells of a room besides its log. */
export interface Presence {
  readonly title?: string | undefined
  readonly count: number
  readonly members: readonly User[] | undefined
}

/** Makes what the application sees of a room out of the parts that know it. */
export class RoomPresenter {
  readonly #parts: RoomParts
  readonly #session: Session
  #user: User | undefined
  #shown = new WeakMap<Message, StoredMessage>()
  #source: readonly Message[] | undefined
  #messages: readonly TimelineMessage[] = []

  constructor(parts: RoomParts, session: Session) {
    this.#parts = parts
    this.#session = session
  }

  present(status: RoomStatus, { title, count, members }: Presence): RoomState {
    const { timeline, queue, loader, marker, typing } = this.#parts
    const unread = this.#countOthersAfter(marker.seq)
    return {
      ...status,
      messages: this.#presentMessages(),
      title,
      hasOlder: timeline.hasOlder,
      hasNewer: timeline.hasNewer,
      loading: loader.loading,
      missed: timeline.hasNewer ? this.#countOthersAfter(timeline.leftAt) : 0,
      latestSeq: timeline.latestSeq,
      readSeq: marker.seq,
      unread,
      unreadIsPartial: timeline.newest.hasOlder && (timeline.newest.messages[0]?.seq ?? 0) > marker.seq + 1,
      count,
      members,
      typing: typing.users,
      notice: queue.notice,
    }
  }

  /** A message of the log as this user sees it. */
  show(message: Message): StoredMessage {
    const user = this.#session.user
    if (user?.id !== this.#user?.id) this.#shown = new WeakMap()
    this.#user = user
    const shown = this.#shown.get(message) ?? showStored(message, user)
    this.#shown.set(message, shown)
    return shown
  }

  /** The outbox changed: what is shown is out of date although the log is the same. */
  queueChanged(): void {
    this.#source = undefined
  }

  #presentMessages(): readonly TimelineMessage[] {
    const { timeline, queue } = this.#parts
    if (this.#source === timeline.messages && this.#user?.id === this.#session.user?.id) return this.#messages
    this.#source = timeline.messages
    const writes = byTarget(queue.entries)
    const messages: TimelineMessage[] = timeline.messages.map((message) => {
      const own = writes.get(message.id)
      return own ? showStored(message, this.#session.user, own) : this.show(message)
    })
    if (!timeline.hasNewer) messages.push(...this.#presentUnstored(writes.get(POSTS) ?? []))
    return (this.#messages = messages)
  }

  #presentUnstored(posts: readonly Entry[]): TimelineMessage[] {
    const { user = { id: '' as UserId, name: this.#session.name ?? '' } } = this.#session
    // One that another tab had sent may be in the log before its ack gets here.
    const stored = new Set(posts.length > 0 ? this.#parts.timeline.newest.messages.map(uidOf) : [])
    return posts
      .filter(({ write, lost }) => lost === undefined && !stored.has(uidOf({ author: user, key: write.key })))
      .map((entry) => showUnstored(entry, user))
  }

  #countOthersAfter(seq: number): number {
    const { messages } = this.#parts.timeline.newest
    return messages
      .slice(messages.findLastIndex((message) => message.seq <= seq) + 1)
      .filter(({ author, deletedAt }) => author.id !== this.#session.user?.id && deletedAt === undefined).length
  }
}

function byTarget(entries: Iterable<Entry>): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const target = targetOf(entry.write)
    const group = groups.get(target)
    if (group) group.push(entry)
    else groups.set(target, [entry])
  }
  return groups
}
