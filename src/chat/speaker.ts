import type { RoomId } from '../protocol/ids.ts'
import type { User } from '../protocol/message.ts'
import type { Action, RoomDetails } from './access-policy.ts'
import type { AppUser } from './app-user.ts'
import type { Identity } from './identity.ts'

/** Rooms of which a speaker remembers what they may do there. Past it all are forgotten, and asked for again. */
const MAX_GRANTS = 256

/** What was found of one speaker in one room. */
export interface Grant {
  /** What the app says the room is. */
  readonly details: RoomDetails
  /** Until when the decisions stand, in milliseconds of the monotonic clock. */
  readonly until: number
  readonly decisions: Map<Action, boolean>
}

/** A user as one connection or one request has them, with what they were lately found to be allowed. */
export class Speaker {
  #identity: Identity
  readonly #grants = new Map<RoomId, Grant>()
  #forgotten = 0
  /** How many disconnections there had been when it was asked who this is. By default none that comes is of this one. */
  readonly disconnections: number

  constructor(identity: Identity, disconnections = Infinity) {
    this.#identity = identity
    this.disconnections = disconnections
  }

  get identity(): Identity {
    return this.#identity
  }

  /** As others see them. */
  get user(): User {
    return this.identity.user
  }

  /** As the app knows them. */
  get appUser(): AppUser {
    return this.identity.appUser
  }

  /** The same user, as a newer token says: with another name, perhaps, or another role. */
  renew(identity: Identity): void {
    this.#identity = identity
    this.forget()
  }

  /** How often all was forgotten: what was asked for before that is no answer any more. */
  get forgotten(): number {
    return this.#forgotten
  }

  /** What was found in `room`, though its decisions may have run out. */
  findGrant(room: RoomId): Grant | undefined {
    return this.#grants.get(room)
  }

  keepGrant(room: RoomId, grant: Grant): void {
    if (this.#grants.size >= MAX_GRANTS) this.#grants.clear()
    this.#grants.set(room, grant)
  }

  /** The app's mind may have changed: nothing that was found holds any more. */
  forget(): void {
    this.#forgotten++
    this.#grants.clear()
  }
}
