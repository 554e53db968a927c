/** Runs a task over and over, one run at a time, with a pause after each. What it throws is forgotten: it runs again. */
export class Heartbeat {
  readonly #task: () => Promise<void>
  readonly #pauseMs: number
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(task: () => Promise<void>, pauseMs: number) {
    this.#task = task
    this.#pauseMs = pauseMs
    this.#schedule()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#run(), this.#pauseMs)
  }

  async #run(): Promise<void> {
    await this.#task().catch(() => {})
    if (!this.#isStopped) this.#schedule()
  }
}
