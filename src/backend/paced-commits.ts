import { performance } from 'node:perf_hooks'
import { CommitPace } from './commit-pace.ts'
import type { Commit, CommitSchedule } from './group-commit.ts'

/** Milliseconds, at least, that are looked at together. In 12, a turn of ten would make a busy process. */
const MEASURED_MS = 100

/**
 * For a store whose every commit flushes a disk: commits that come one right after another are run some milliseconds apart, so that under load
 * each takes more with it. One that comes alone is not held up.
 */
export class PacedCommits implements CommitSchedule {
  readonly #pace: CommitPace
  #lastAt = -Infinity
  /** What commits took since the pace was last set. */
  #committingMs = 0
  #measured = { at: performance.now(), load: performance.eventLoopUtilization() }

  constructor(pace = new CommitPace()) {
    this.#pace = pace
  }

  defer(commit: () => void): void {
    const waitMs = this.#lastAt + this.#pace.ms - performance.now()
    if (waitMs > 0) setTimeout(() => this.#run(commit), waitMs)
    else setImmediate(() => this.#run(commit))
  }

  onCommit(commit: Commit): void {
    this.#pace.count(commit)
  }

  #run(commit: () => void): void {
    this.#lastAt = performance.now()
    commit()
    const now = performance.now()
    this.#committingMs += now - this.#lastAt
    const elapsedMs = now - this.#measured.at
    if (elapsedMs < MEASURED_MS) return
    const load = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(load, this.#measured.load)
    this.#pace.set(elapsedMs, utilization - this.#committingMs / elapsedMs)
    this.#committingMs = 0
    this.#measured = { at: now, load }
  }
}
