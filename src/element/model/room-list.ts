import { signal } from '@preact/signals'
import type { ReadonlySignal } from '@preact/signals'
import { isRoomId, LOBBY } from '../../protocol/ids.ts'
import type { Memory } from './storage.ts'

/** Rooms that are remembered: those visited longest ago are forgotten first. */
const MAX_VISITED = 50

const VISITED = 'rooms'
const DRAFT = 'draft:'

export interface ListedRoom {
  readonly name: string
  /** Whether the user has begun to write something there. */
  readonly hasDraft: boolean
}

/** The rooms that this browser knows of: the lobby, then those that were visited or that a draft waits in, by name. */
export class RoomList {
  readonly rooms: ReadonlySignal<readonly ListedRoom[]>
  readonly #rooms = signal<readonly ListedRoom[]>([])
  readonly #memory: Memory
  readonly #stopWatching: () => void

  constructor(memory: Memory) {
    this.#memory = memory
    this.rooms = this.#rooms
    this.#refresh()
    this.#stopWatching = memory.watchAll((name, value) => {
      if (name === VISITED || this.#changesDraft(name, value)) this.#refresh()
    })
  }

  /** The user is in that room, which there is. */
  visit(room: string): void {
    const visited = this.#visited()
    if (visited[0] === room) return
    const names = [room, ...visited.filter((name) => name !== room)].slice(0, MAX_VISITED)
    this.#memory.write(VISITED, JSON.stringify(names))
  }

  close(): void {
    this.#stopWatching()
  }

  /** Most letters of a draft change nothing here. */
  #changesDraft(name: string, value: string | undefined): boolean {
    if (!name.startsWith(DRAFT)) return false
    const known = this.#rooms.peek().find((room) => name === DRAFT + room.name)
    return (known?.hasDraft ?? false) !== (value !== undefined)
  }

  #refresh(): void {
    const drafts = new Set(this.#memory.names(DRAFT).map((name) => name.slice(DRAFT.length)))
    const others = new Set([...this.#visited(), ...drafts])
    others.delete(LOBBY)
    const names = [LOBBY, ...[...others].filter(isRoomId).toSorted((a, b) => a.localeCompare(b))]
    this.#rooms.value = names.map((name) => ({ name, hasDraft: drafts.has(name) }))
  }

  /** The one visited last comes first. What another version or another program left there counts as nothing. */
  #visited(): readonly string[] {
    try {
      const names: unknown = JSON.parse(this.#memory.read(VISITED) ?? '[]')
      return Array.isArray(names) ? names.filter(isRoomId) : []
    } catch {
      return []
    }
  }
}
