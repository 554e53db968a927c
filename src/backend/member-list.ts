import type { UserId } from '../protocol/ids.ts'
import type { User } from '../protocol/message.ts'
import type { Members } from './backend.ts'

// One locale for every process, whatever the machine's: two of them must not show one list in two orders.
const names = new Intl.Collator('en')

/** The users in a room, one entry each, kept by name: in a room of thousands, sorting at each arrival would cost more than the arrival. */
export class MemberList {
  readonly #byId = new Map<UserId, User>()
  readonly #byName: User[] = []

  get size(): number {
    return this.#byId.size
  }

  /** Adds `user`, or replaces what was known of them. */
  add(user: User): void {
    this.remove(user.id)
    this.#byId.set(user.id, user)
    this.#byName.splice(this.#placeOf(user), 0, user)
  }

  /** Whether there was such a user. */
  remove(id: UserId): boolean {
    const user = this.#byId.get(id)
    if (!user) return false
    this.#byId.delete(id)
    this.#byName.splice(this.#placeOf(user), 1)
    return true
  }

  first(limit: number): Members {
    return { count: this.size, users: this.#byName.slice(0, limit) }
  }

  /** The index of the first entry that does not come before `user`. */
  #placeOf(user: User): number {
    let [low, high] = [0, this.#byName.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const entry = this.#byName[middle]
      if (entry && compare(entry, user) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function compare(a: User, b: User): number {
  // Ids tell namesakes apart, so that the order is total and a search finds exactly one place.
  return names.compare(a.name, b.name) || (a.id < b.id ? -1 : Number(a.id > b.id))
}
