/** Lets work on one thing run one after another, in the order it was asked for; work on other things goes on beside it. */
export class Turns {
  /** Of each thing that is being worked on, the end of the last turn. It never rejects. */
  readonly #ends = new Map<string, Promise<void>>()

  /** Runs `work` once everything asked for `thing` before has settled, unless `wait` for that rejects first, which this then does too. */
  async take<T>(
    thing: string,
    work: () => Promise<T>,
    wait: (turn: Promise<void>) => Promise<void> = (turn) => turn,
  ): Promise<T> {
    const before = this.#ends.get(thing) ?? Promise.resolve()
    const { promise: end, resolve } = Promise.withResolvers<void>()
    this.#ends.set(thing, end)
    try {
      await wait(before)
      return await work()
    } finally {
      // Whoever did not wait for their turn hands it on when it comes.
      resolve(before)
      void end.then(() => this.#forget(thing, end))
    }
  }
  #forget(thing: string, end: Promise<void>): void {
    if (this.#ends.get(thing) === end) this.#ends.delete(thing)
  }
}
