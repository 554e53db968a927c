/** Lets work on one thing run one after another, in the order it was asked for; work on other things goes on beside it. */
export class Turns {
  /** Of each thing that is being worked on, the end of the last turn. It never rejects. */
  readonly #ends = new Map<string, Promise<void>>()

  /** Runs `work` once everything asked for `thing` before has settled. */
  async take<T>(thing: string, work: () => Promise<T>): Promise<T> {
    const before = this.#ends.get(thing)
    const { promise: end, resolve } = Promise.withResolvers<void>()
    this.#ends.set(thing, end)
    try {
      await before
      return await work()
    } finally {
      resolve()
      if (this.#ends.get(thing) === end) this.#ends.delete(thing)
    }
  }
}
