import { ChatError } from '../protocol/errors.ts'
import type { RoomId } from '../protocol/ids.ts'
import { cleanName } from '../protocol/names.ts'
import type { Action, RoomDetails } from './access-policy.ts'
import type { ChatOptions } from './options.ts'
import { roomNotFound } from './rooms.ts'
import type { Rooms } from './rooms.ts'
import type { Grant, Speaker } from './speaker.ts'
import { withinTime } from './time-limit.ts'

/** Milliseconds that a decision stands: who writes a lot is asked about once a second, and what `authorize` says otherwise without a word is in force after one. What `resolveRoom` said stands until all is forgotten. */
const DECISION_MS = 1_000

/** What of a title fits a header. */
const MAX_TITLE_CODE_POINTS = 128

/** Who may do what, as the app decides. Whoever may not read a room is told what is true of a room that does not exist. */
export class Access {
  readonly #options: ChatOptions
  readonly #rooms: Rooms

  constructor(options: ChatOptions, rooms: Rooms) {
    this.#options = options
    this.#rooms = rooms
  }

  /** Whether there is an app that decides. */
  get asksApp(): boolean {
    const { authorize, resolveRoom } = this.#options.access
    return authorize !== undefined || resolveRoom !== undefined
  }

  /**
   * Undefined where `speaker` is known to be allowed, so that who is waits for nothing; else what to wait for, which resolves to what the room is to them.
   *
   * @throws {ChatError} or rejects with one: `room_not_found` where there is no such room for this speaker, else `forbidden`
   */
  check(speaker: Speaker, action: Action, room: RoomId): Promise<RoomDetails> | undefined {
    this.#rooms.check(room)
    if (!this.asksApp && action !== 'moderate') return undefined
    const grant = this.#findFresh(speaker, room)
    if (grant?.decisions.get('read') && grant.decisions.get(action)) return undefined
    return this.#ask(speaker, action, room)
  }

  /** What the room is to a speaker who may read it. */
  detailsOf(speaker: Speaker, room: RoomId): RoomDetails {
    return speaker.findGrant(room)?.details ?? {}
  }

  /**
   * What the room is to a speaker who may do something there, though what was found of them be forgotten meanwhile.
   *
   * @throws {ChatError} as {@link check} does
   */
  async detailsFor(speaker: Speaker, action: Action, room: RoomId): Promise<RoomDetails> {
    const asking = this.check(speaker, action, room)
    return asking ? asking : this.detailsOf(speaker, room)
  }

  /** What people call the room, if the app says. */
  titleOf(speaker: Speaker, room: RoomId): string | undefined {
    const { title } = this.detailsOf(speaker, room)
    return typeof title === 'string' ? cleanName(title, MAX_TITLE_CODE_POINTS) || undefined : undefined
  }

  async #ask(speaker: Speaker, action: Action, room: RoomId): Promise<RoomDetails> {
    const { forgotten } = speaker
    const grant = this.#findFresh(speaker, room) ?? (await this.#grant(speaker, room))
    if (grant && action !== 'read' && !grant.decisions.has(action) && grant.decisions.get('read'))
      grant.decisions.set(action, await this.#decide(speaker, action, room, grant.details))
    // The app's mind changed while it was asked.
    if (speaker.forgotten !== forgotten) return this.#ask(speaker, action, room)
    if (!grant?.decisions.get('read')) throw roomNotFound(room)
    if (!grant.decisions.get(action)) throw new ChatError('forbidden', FORBIDDEN[action])
    return grant.details
  }

  #findFresh(speaker: Speaker, room: RoomId): Grant | undefined {
    const grant = speaker.findGrant(room)
    return grant && this.#options.environment.monotonicNow() < grant.until ? grant : undefined
  }

  /** Asks the app what a room is to a speaker, unless that is known, and whether they may read it; undefined where there is none. */
  async #grant(speaker: Speaker, room: RoomId): Promise<Grant | undefined> {
    const { forgotten } = speaker
    const until = this.#options.environment.monotonicNow() + DECISION_MS
    const known = speaker.findGrant(room)
    const details = known?.decisions.get('read') ? known.details : await this.#resolve(speaker, room)
    if (!details) return undefined
    const mayRead = isMember(speaker, details) && (await this.#decide(speaker, 'read', room, details))
    const grant = { details, until, decisions: new Map<Action, boolean>([['read', mayRead]]) }
    if (speaker.forgotten === forgotten) speaker.keepGrant(room, grant)
    return grant
  }

  async #resolve({ appUser }: Speaker, room: RoomId): Promise<RoomDetails | undefined> {
    const { resolveRoom } = this.#options.access
    if (!resolveRoom) return {}
    return (await this.#askApp('resolveRoom', () => resolveRoom(room, appUser))) ?? undefined
  }

  async #decide({ appUser }: Speaker, action: Action, room: RoomId, details: RoomDetails): Promise<boolean> {
    const { authorize } = this.#options.access
    if (!authorize) return action !== 'moderate'
    return (await this.#askApp('authorize', () => authorize(appUser, action, room, details))) === true
  }

  /** What the app answers; undefined, which allows nothing, where it fails or is late. */
  async #askApp<T>(what: string, ask: () => T | PromiseLike<T>): Promise<T | undefined> {
    const { access, environment, onError } = this.#options
    try {
      return await withinTime(environment, access.timeoutMs, what, ask)
    } catch (error) {
      onError(error, { stage: `asking ${what}` })
      return undefined
    }
  }
}

const FORBIDDEN: Readonly<Record<Action, string>> = {
  read: 'you may not read in this room',
  post: 'you may not post in this room',
  react: 'you may not react to messages in this room',
  edit: 'you may not edit messages in this room',
  delete: 'you may not delete messages in this room',
  moderate: 'only its author may delete a message',
}

function isMember({ user }: Speaker, { members }: RoomDetails): boolean {
  return members === undefined || members.includes(user.id)
}
