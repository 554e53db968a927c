import type { Person } from '../faults/person.ts'

/** People posting at a steady pace: so many at a time, and when one's message is stored it is the next one's turn. */
export class Traffic {
  readonly #people: readonly Person[]
  readonly #turns: readonly Promise<void>[]
  #turn = 0
  #posted = 0
  #isOver = false
  #waiting: { readonly count: number; readonly resolve: () => void }[] = []

  constructor(people: readonly Person[], atATime: number) {
    this.#people = people
    this.#turns = Array.from({ length: atATime }, () => this.#takeTurns())
  }

  /** Resolves when that many more messages have been stored. */
  posts(count: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ count: this.#posted + count, resolve }))
  }

  /** Resolves when nobody waits for an answer any more. */
  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#turns)
  }

  async #takeTurns(): Promise<void> {
    while (!this.#isOver) {
      await this.#people[this.#turn++ % this.#people.length]?.postAndWait()
      this.#posted++
      for (const { resolve } of this.#waiting.filter(({ count }) => count <= this.#posted)) resolve()
      this.#waiting = this.#waiting.filter(({ count }) => count > this.#posted)
    }
  }
}
