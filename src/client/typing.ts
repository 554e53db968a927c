import type { UserId } from '../protocol/ids.ts'
import { TYPING_MS } from '../protocol/limits.ts'
import type { User } from '../protocol/message.ts'
import type { ClientEnvironment } from './environment.ts'

/** Milliseconds after which it is said again that this user still types: well before it goes stale. */
const REPEAT_MS = 3_000
/** Milliseconds between two beginnings: the server passes over what comes within 2 s, and the line may bring them closer together. */
const REST_MS = 2_200

interface Typist {
  readonly user: User
  readonly forget: () => void
}

/** Who else types in a room, and that this user does. */
export class Typing {
  readonly #environment: Pick<ClientEnvironment, 'now' | 'setTimer'>
  readonly #onChange: () => void
  readonly #typists = new Map<UserId, Typist>()
  #users: readonly User[] = []
  /** When it was last said that this user types. */
  #saidAt = -Infinity
  /** Whether the end of that was not said yet. */
  #isOn = false

  constructor(environment: Pick<ClientEnvironment, 'now' | 'setTimer'>, onChange: () => void) {
    this.#environment = environment
    this.#onChange = onChange
  }

  /** Who types, those first who began first. */
  get users(): readonly User[] {
    return this.#users
  }

  heard(user: User, on: boolean): void {
    const known = this.#typists.get(user.id)
    known?.forget()
    if (on) {
      const forget = this.#environment.setTimer(() => this.heard(user, false), TYPING_MS)
      this.#typists.set(user.id, { user, forget })
    } else this.#typists.delete(user.id)
    if (on === (known !== undefined)) return
    this.#users = Array.from(this.#typists.values(), (typist) => typist.user)
    this.#onChange()
  }

  /** Whether what this user does is to be said now. */
  shouldSay(on: boolean): boolean {
    const now = this.#environment.now()
    const sinceMs = now - this.#saidAt
    if (on ? sinceMs < (this.#isOn ? REPEAT_MS : REST_MS) : !this.#isOn || sinceMs >= TYPING_MS) return false
    this.#isOn = on
    if (on) this.#saidAt = now
    return true
  }

  /** This user's typing ended, and others know. */
  ended(): void {
    this.#isOn = false
    this.#saidAt = -Infinity
  }

  clear(): void {
    for (const { forget } of this.#typists.values()) forget()
    this.#typists.clear()
    this.#users = []
    this.ended()
  }
}
