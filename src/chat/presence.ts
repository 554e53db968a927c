import type { Members } from '../backend/backend.ts'
import type { RoomId, UserId } from '../protocol/ids.ts'
import type { User } from '../protocol/message.ts'
import type { AppUser } from './app-user.ts'
import type { ChatContext } from './context.ts'
import type { RoomReader } from './reader.ts'

/** A user whose last connection went is shown for this long, so that a reload does not flicker. */
const EXIT_GRACE_MS = 3_000

interface LocalMember {
  user: User
  readonly appUser: AppUser
  readonly readers: RoomReader[]
  /** Set while nobody reads for the user any more, and the grace runs. */
  cancelExit: (() => void) | undefined
}

/** Who is in one room: on this process, by their connections, and on all processes, by the backend. */
export class Presence {
  readonly #context: ChatContext
  readonly #room: RoomId
  readonly #announce: (members: Members) => void
  readonly #local = new Map<UserId, LocalMember>()
  #known: Members = { count: 0, users: [] }
  #cancelAnnouncement: (() => void) | undefined
  #isClosed = false

  constructor(context: ChatContext, room: RoomId, announce: (members: Members) => void) {
    this.#context = context
    this.#room = room
    this.#announce = announce
  }

  enter(reader: RoomReader): void {
    const { user, speaker } = reader.owner
    if (!user || !speaker) return
    const member = this.#local.get(user.id)
    if (!member) {
      this.#local.set(user.id, { user, appUser: speaker.appUser, readers: [reader], cancelExit: undefined })
      this.#context.events.emit('join', { user: speaker.appUser, room: this.#room })
    } else {
      member.cancelExit?.()
      member.cancelExit = undefined
      member.readers.push(reader)
      if (member.user.name === user.name) return
      member.user = user
    }
    this.#context.options.backend.enter(this.#room, user)
  }

  exit(reader: RoomReader): void {
    const id = reader.owner.user?.id
    const member = id && this.#local.get(id)
    if (!member) return
    member.readers.splice(member.readers.indexOf(reader), 1)
    if (member.readers.length > 0) return
    const leave = (): void => {
      this.#local.delete(id)
      this.#left(id, member)
    }
    member.cancelExit = this.#context.options.environment.setTimer(leave, EXIT_GRACE_MS)
  }

  /** Whether nobody is here, nor was within the grace. */
  get isEmpty(): boolean {
    return this.#local.size === 0
  }

  readersOf(user: UserId): readonly RoomReader[] {
    return this.#local.get(user)?.readers ?? []
  }

  /** Who is here now. In a room too large to name its members this is what was last announced, so that joining costs the same in any room. */
  async members(): Promise<Members> {
    const { backend, limits } = this.#context.options
    if (this.#local.size > limits.membersNamed)
      return { count: Math.max(this.#local.size, this.#known.count), users: [] }
    return await backend.members(this.#room, limits.membersNamed)
  }

  /** Someone came or went: tells the room soon, once for all who do so in the meantime. */
  changed(): void {
    if (this.#isClosed || this.#cancelAnnouncement) return
    this.#cancelAnnouncement = this.#context.options.environment.setTimer(
      () => void this.#tell(),
      announcementDelayMs(this.#known.count),
    )
  }

  close(): void {
    this.#isClosed = true
    this.#cancelAnnouncement?.()
    for (const [id, member] of this.#local) {
      member.cancelExit?.()
      this.#left(id, member)
    }
  }

  #left(id: UserId, { appUser }: LocalMember): void {
    this.#context.options.backend.exit(this.#room, id)
    this.#context.events.emit('leave', { user: appUser, room: this.#room })
  }

  async #tell(): Promise<void> {
    this.#cancelAnnouncement = undefined
    const { backend, limits, onError } = this.#context.options
    try {
      this.#known = await backend.members(this.#room, limits.membersNamed)
      if (!this.#isClosed) this.#announce(this.#known)
    } catch (error) {
      onError(error, { stage: 'presence' })
    }
  }
}

/** An announcement costs a write for each connection, so a large room is told less often. */
function announcementDelayMs(count: number): number {
  if (count > 1_000) return 5_000
  return count > 50 ? 1_000 : 50
}
