/** One thing to be written with others. */
export interface Write<Result> {
  /** Writes, within the group's transaction. What it throws undoes the whole group. */
  apply(): Result
  /** Tells of the result once it is durable, before the writer hears of it. */
  announce(result: Result): void
}

interface Pending {
  apply(): void
  announce(): void
  resolve(): void
  reject(error: Error): void
}

/** What one transaction held. */
export interface Commit {
  readonly appends: number
  /** How many rooms it changed. */
  readonly rooms: number
}

/** When groups are committed. */
export interface CommitSchedule {
  /** Runs `commit` once the current turn of the event loop has read what there was to read, or later. */
  defer(commit: () => void): void
  /** Is told of each commit. */
  onCommit?(commit: Commit): void
}

export interface GroupCommitOptions {
  /** Runs `work` as one transaction: returns once it is durable, or throws with nothing of it done. */
  readonly transaction: (work: () => void) => Commit
  readonly schedule: CommitSchedule
  /** Makes what the writers are rejected with of what the transaction threw. */
  readonly refusal: (cause: unknown) => Error
}

/**
 * Writes all that one turn of the event loop asked for, or a few on a schedule that takes its time, in one transaction. The cost of a
 * durable commit is one flush to the disk, whatever is in it: under load, groups grow until the disk keeps up, and a lone write waits for nobody.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions
  #queue: Pending[] = []

  constructor(options: GroupCommitOptions) {
    this.#options = options
  }

  /** Resolves once `write` is durable and announced. Writes are applied and announced in call order. */
  add<Result>(write: Write<Result>): Promise<Result> {
    if (this.#queue.length === 0) this.#options.schedule.defer(() => this.flush())
    return new Promise((resolve, reject) => {
      this.#queue.push(new PendingWrite(write, resolve, reject))
    })
  }

  /** Writes now what is waiting. Returns once it is durable, or its writers are rejected. */
  flush(): void {
    const group = this.#queue
    if (group.length === 0) return
    this.#queue = []
    let commit: Commit
    try {
      commit = this.#options.transaction(() => {
        for (const write of group) write.apply()
      })
    } catch (cause) {
      const refusal = this.#options.refusal(cause)
      for (const write of group) write.reject(refusal)
      return
    }
    try {
      for (const write of group) write.announce()
      this.#options.schedule.onCommit?.(commit)
    } finally {
      // Durable is durable, even where a listener threw.
      for (const write of group) write.resolve()
    }
  }
}

class PendingWrite<Result> implements Pending {
  readonly #write: Write<Result>
  readonly #resolve: (result: Result) => void
  readonly reject: (error: Error) => void
  #result: { readonly value: Result } | undefined

  constructor(write: Write<Result>, resolve: (result: Result) => void, reject: (error: Error) => void) {
    this.#write = write
    this.#resolve = resolve
    this.reject = reject
  }

  apply(): void {
    this.#result = { value: this.#write.apply() }
  }

  announce(): void {
    if (this.#result) this.#write.announce(this.#result.value)
  }

  resolve(): void {
    if (this.#result) this.#resolve(this.#result.value)
  }
}
