import type { ClientEnvironment } from './environment.ts'
import type { Room, RoomHold } from './types.ts'

/** Counts who holds a room, and leaves it when nobody does. */
export class RoomHolds {
  readonly #environment: Pick<ClientEnvironment, 'setTimer'>
  readonly #counts = new Map<Room, number>()

  constructor(environment: Pick<ClientEnvironment, 'setTimer'>) {
    this.#environment = environment
  }

  hold(room: Room): RoomHold {
    this.#count(room, 1)
    let isHeld = true
    return {
      room,
      release: () => {
        if (!isHeld) return
        isHeld = false
        this.#count(room, -1)
        // Not at once: pages that draw themselves anew let go of what they take again right after.
        this.#environment.setTimer(() => this.#leaveUnheld(room), 0)
      },
    }
  }

  #count(room: Room, by: 1 | -1): void {
    this.#counts.set(room, (this.#counts.get(room) ?? 0) + by)
  }

  #leaveUnheld(room: Room): void {
    if (this.#counts.get(room) !== 0) return
    this.#counts.delete(room)
    room.leave()
  }
}
