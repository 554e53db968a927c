/** Runs a task over and over, one run at a time, with a pause after each. What it throws is forgotten: it runs again. */
export class Heartbeat {
  readonly #task: () => Promise<void>
  readonly #pauseMs: number
  #timer: NodeJS.Timeout | undefined
  #run: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(task: () => Promise<void>, pauseMs: number) {
    this.#task = task
    this.#pauseMs = pauseMs
    this.#schedule()
  }

  /** Resolves once no run is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#run
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#run = this.#runOnce()
    }, this.#pauseMs)
  }

  async #runOnce(): Promise<void> {
    await this.#task().catch(() => {})
    if (!this.#isStopped) this.#schedule()
  }
}
