/** Questions to another process, each with a number that comes back with its answer. */
export class Questions {
  readonly #timeoutMs: number
  readonly #unanswered = new Map<number, (answer: string | undefined) => void>()
  #last = 0

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** Resolves with the answer to what `send` sends, or with undefined where none comes in time. */
  async ask(send: (id: number) => void): Promise<string | undefined> {
    const id = ++this.#last
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    const timer = setTimeout(resolve, this.#timeoutMs, undefined)
    this.#unanswered.set(id, resolve)
    send(id)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#unanswered.delete(id)
    }
  }

  /** One that comes too late is passed over. */
  answer(id: number, answer: string): void {
    this.#unanswered.get(id)?.(answer)
  }
}
