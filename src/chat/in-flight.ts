/** Counts what has begun and not ended, so that closing can wait for it. */
export class InFlight {
  #count = 0
  #idle: (() => void)[] = []

  begin(): void {
    this.#count++
  }

  end(): void {
    if (--this.#count > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Counts `work` until it settles. */
  track<T>(work: Promise<T>): Promise<T> {
    this.begin()
    const end = (): void => this.end()
    work.then(end, end)
    return work
  }

  /** Resolves once nothing is under way. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }
}
