import type { TestContext } from 'node:test'
import type { ChatClient, Key, Room, Sending, Stored, StoredMessage } from '../../src/client.ts'
import { startClient, until } from '../helpers/clients.ts'

/** A write, and what the SDK told of it. */
export interface Written {
  readonly key: Key
  /** What was posted; undefined for other writes. */
  readonly text: string | undefined
  stored?: Stored
  refusal?: Error
}

/** Writes that a person leaves unanswered before writing on. */
const MAX_PENDING = 4

/** Somebody with an SDK client in a room, with a record of everything they wrote and everything the SDK told them. */
export class Person {
  readonly name: string
  readonly chat: ChatClient
  readonly room: Room
  readonly written: Written[] = []
  /** Every `message` event. */
  readonly announced: StoredMessage[] = []
  /** Every `change` event. */
  readonly changes: StoredMessage[] = []
  /** Every `reset` event: what they were told that cannot be told. */
  readonly resets: string[] = []
  onStored: () => void = () => {}
  #pending = new Set<Promise<void>>()
  #posts = 0

  private constructor(name: string, chat: ChatClient, room: string) {
    this.name = name
    this.chat = chat
    this.room = chat.room(room)
    this.room.on('message', (message) => this.announced.push(message))
    this.room.on('change', (message) => this.changes.push(message))
    this.room.on('reset', (reason) => this.resets.push(reason))
  }

  /** Somebody who is in the room, and who after a lost connection comes back soon. */
  static async enter(t: TestContext, url: string, room: string, name: string): Promise<Person> {
    const person = new Person(name, startClient(t, { url, name, environment: { random: () => 0.02 } }), room)
    await until(person.room, ({ status }) => status === 'live')
    return person
  }

  /** Posts the next of this person's messages: "Ada 1", "Ada 2" … */
  post(): void {
    void this.postAndWait()
  }

  /** The same. Resolves once it is stored or refused. */
  postAndWait(): Promise<void> {
    const text = `${this.name} ${++this.#posts}`
    return this.#track(this.room.post(text), text)
  }

  record(sending: Sending): void {
    void this.#track(sending)
  }

  #track({ key, stored }: Sending, text?: string): Promise<void> {
    const written: Written = { key, text }
    this.written.push(written)
    const settled = this.#settle(written, stored)
    const pending = settled.finally(() => this.#pending.delete(pending))
    this.#pending.add(pending)
    return pending
  }

  /** Calls `write` again and again until `isOver`, never more than a few writes ahead of the answers; then waits for those. */
  async writeOn(write: () => void, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      write()
      await (this.#pending.size < MAX_PENDING ? Promise.resolve() : Promise.race(this.#pending))
    }
    await Promise.all(this.#pending)
  }

  async #settle(written: Written, stored: Promise<Stored>): Promise<void> {
    try {
      written.stored = await stored
      this.onStored()
    } catch (error) {
      written.refusal = error as Error
    }
  }
}

/** Resolves at the moment when that many more writes have been accepted. */
export function acceptedWrites(people: readonly Person[], count: number): Promise<void> {
  return new Promise((resolve) => {
    let missing = count
    for (const person of people) {
      person.onStored = () => {
        if (--missing === 0) resolve()
      }
    }
  })
}
