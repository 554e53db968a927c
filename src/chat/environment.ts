/** What the chat takes from outside, so that whole systems can run on a simulated clock and network. */
export interface Environment {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds of a clock that never goes back. */
  monotonicNow(): number
  /** `length` random bytes, fit for secrets. */
  randomBytes(length: number): Uint8Array
  /** Runs `task` after `delayMs`. The timer does not keep the process alive. Returns what stops it. */
  setTimer(task: () => void, delayMs: number): () => void
  /** Runs `task` once the current turn of the event loop has read what there was to read. */
  defer(task: () => void): void
}
