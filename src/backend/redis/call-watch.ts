export interface Call {
  readonly startedAt: number
}

/**
 * Knows the calls that are unanswered, and notices when the oldest of them is overdue. Timeouts of a socket do not: under load a
 * frozen server's peer goes on writing, and whatever is written counts as life.
 */
export class CallWatch {
  readonly #limitMs: number
  readonly #intervalMs: number
  readonly #onOverdue: (ageMs: number) => void
  /** In the order they were made. */
  readonly #calls = new Set<Call>()
  #timer: NodeJS.Timeout | undefined
  #onIdle: (() => void)[] = []

  constructor(limitMs: number, intervalMs: number, onOverdue: (ageMs: number) => void) {
    this.#limitMs = limitMs
    this.#intervalMs = intervalMs
    this.#onOverdue = onOverdue
  }

  get size(): number {
    return this.#calls.size
  }

  begin(): Call {
    const call = { startedAt: performance.now() }
    this.#calls.add(call)
    this.#timer ??= setTimeout(() => this.#check(), this.#intervalMs)
    return call
  }

  end(call: Call): void {
    this.#calls.delete(call)
    if (this.#calls.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }

  /** Resolves once no call is unanswered. */
  async idle(): Promise<void> {
    if (this.#calls.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve))
  }

  #check(): void {
    this.#timer = undefined
    const overdue = this.#findOverdue()
    // This process may have been what stood still: then the answers are here, and have yet to be read.
    if (overdue) setImmediate(() => this.#confirm(overdue))
    else if (this.#calls.size > 0) this.#timer = setTimeout(() => this.#check(), this.#intervalMs)
  }

  #confirm(overdue: Call): void {
    if (this.#calls.has(overdue)) this.#onOverdue(performance.now() - overdue.startedAt)
    if (this.#calls.size > 0) this.#timer ??= setTimeout(() => this.#check(), this.#intervalMs)
  }

  #findOverdue(): Call | undefined {
    const [oldest] = this.#calls
    return oldest && performance.now() - oldest.startedAt > this.#limitMs ? oldest : undefined
  }
}
