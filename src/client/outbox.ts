import type { Answer } from '../protocol/events.ts'
import { isKey, isRoomId } from '../protocol/ids.ts'
import type { Key, RoomId, UserId } from '../protocol/ids.ts'
import type { Entry, Failure, Write } from './entry.ts'
import type { ClientEnvironment } from './environment.ts'
import { acquireLock } from './locks.ts'
import { RoomQueue } from './room-queue.ts'
import type { SafeStorage } from './storage.ts'

export interface OutboxOptions {
  /** Names this tab among those that share the storage. */
  readonly tab: string
  readonly lockPrefix: string
  readonly storage: SafeStorage
  readonly environment: ClientEnvironment
  /** Who the user was when the page was here last. */
  readonly owner: UserId | undefined
  readonly request: (write: Write, onAnswer: (answer: Answer) => void) => void
}

interface OutboxRecord {
  readonly write: Write
  readonly at: number
  readonly failure: Failure | undefined
}

/**
 * What this tab has written and the log has not confirmed, in all rooms.
 *
 * Each entry is a record of its own in the storage, named by user, tab and key, so that tabs never write over each other. A tab holds a lock as
 * long as it lives; whoever gets the lock of another takes over what that one left.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #queues = new Map<RoomId, RoomQueue>()
  #owner: UserId | undefined
  #releaseTab: (() => void) | undefined
  #isConnected = false
  #isAdopting = false
  #isClosed = false

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#owner = options.owner
    void this.#holdTab()
  }

  /** Who the user is. A guest whom the server no longer knows is still the same person; a user of the app is not. */
  setOwner(user: UserId, isGuest: boolean): void {
    const isOther = this.#owner !== undefined && !isGuest
    for (const queue of this.#queues.values()) {
      if (isOther) queue.abandon()
      else queue.eraseAll()
    }
    this.#owner = user
    // What this tab kept when this user was here before.
    this.#takeAll(this.#options.tab)
    for (const queue of this.#queues.values()) queue.saveAll()
  }

  /** A connection is open. Rooms that are shown open their queues themselves, once they have caught up. */
  connected(): void {
    this.#isConnected = true
    for (const queue of this.#queues.values()) this.#openUnshown(queue)
    void this.adopt()
  }

  lost(): void {
    this.#isConnected = false
    for (const queue of this.#queues.values()) queue.close()
  }

  /** The queue of a room that is shown, by which `hooks` are called from now on. It is opened by the room, once that has caught up. */
  show(room: RoomId, hooks: Pick<RoomQueue, 'onChange' | 'onRefused' | 'onAdopted'>): RoomQueue {
    return Object.assign(this.#queue(room), hooks, { isShown: true })
  }

  /** The room is no longer shown: what is left in its queue is sent all the same. */
  unshow(queue: RoomQueue): void {
    Object.assign(queue, { isShown: false, onChange: () => {}, onRefused: () => {}, onAdopted: () => {} })
    queue.settle(Infinity)
    this.#openUnshown(queue)
  }

  /**
   * Takes over what tabs that are gone have left. Without locks nobody can tell who is gone: then it takes all, once, and the keys see to
   * it that nothing is stored twice.
   */
  async adopt(): Promise<void> {
    const { storage, environment, lockPrefix, tab: ownTab } = this.#options
    const owner = this.#owner
    if (owner === undefined || this.#isAdopting) return
    this.#isAdopting = true
    const tabs = new Set(storage.names(recordsOf(owner)).map((name) => name.split(':')[2] ?? ''))
    tabs.delete(ownTab)
    for (const tab of tabs) {
      const release = await acquireLock(environment.locks, lockPrefix + tab, true)
      if (this.#owner === owner && !this.#isClosed && (release !== undefined || environment.locks === undefined)) {
        this.#takeAll(tab)
      }
      release?.()
    }
    // Without locks, what is found later is another tab's that lives.
    this.#isAdopting = environment.locks === undefined
  }

  /** What is not stored stays in the storage, for the next tab of this user. */
  close(): void {
    this.#isClosed = true
    for (const queue of this.#queues.values()) queue.abandon()
    this.#releaseTab?.()
  }

  // Before the lock is held another tab would take this one for gone, so nothing is kept until then.
  async #holdTab(): Promise<void> {
    const { environment, lockPrefix, tab } = this.#options
    this.#releaseTab = (await acquireLock(environment.locks, lockPrefix + tab)) ?? (() => {})
    if (this.#isClosed) return this.#releaseTab()
    for (const queue of this.#queues.values()) queue.saveAll()
  }

  #queue(room: RoomId): RoomQueue {
    let queue = this.#queues.get(room)
    if (queue === undefined) {
      queue = new RoomQueue({
        environment: this.#options.environment,
        request: this.#options.request,
        save: (entry) => this.#save(entry),
        erase: (entry) => this.#erase(entry),
      })
      this.#queues.set(room, queue)
    }
    return queue
  }

  #openUnshown(queue: RoomQueue): void {
    if (this.#isConnected && !queue.isShown) queue.open()
  }

  /** Takes a tab's records over, by key, which is the order in which they were written. */
  #takeAll(tab: string): void {
    for (const name of this.#options.storage.names(recordsOf(this.#owner, tab)).toSorted()) this.#take(name)
  }

  #take(name: string): void {
    const { storage } = this.#options
    const record = (storage.find(name) ?? {}) as Partial<OutboxRecord>
    const { write, at, failure } = record
    if (write === undefined || at === undefined || !isRoomId(write.room) || !isKey(write.key))
      return storage.remove(name)
    // Under its new name first, as the page may end at any moment. A full storage has room for it once the old one is gone: `adopt()` saves it again.
    const ownName = this.#nameOf(write.key)
    storage.set(ownName, record)
    if (name !== ownName) storage.remove(name)
    const queue = this.#queue(write.room)
    queue.adopt(write, at, failure)
    this.#openUnshown(queue)
  }

  #save({ write, at, state }: Entry): void {
    if (this.#owner === undefined || this.#releaseTab === undefined || this.#isClosed) return
    const failure = state.status === 'failed' ? { code: state.code, message: state.message } : undefined
    this.#options.storage.set(this.#nameOf(write.key), { write, at, failure } satisfies OutboxRecord)
  }

  #erase({ write }: Entry): void {
    if (this.#owner !== undefined) this.#options.storage.remove(this.#nameOf(write.key))
  }

  #nameOf(key: Key): string {
    return recordsOf(this.#owner, this.#options.tab) + key
  }
}

function recordsOf(owner: UserId | undefined, tab?: string): string {
  return `outbox:${encodeURIComponent(owner ?? '')}:${tab === undefined ? '' : `${tab}:`}`
}
