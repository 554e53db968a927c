/** How long the backend waits, and how often it looks. All in milliseconds. */
export interface RedisTimings {
  /** For a connection to be made and greeted. */
  readonly connectTimeoutMs: number
  /** For one answer. With the interval below it stays under the 5 s within which whoever asked is to know. */
  readonly callTimeoutMs: number
  /** Between two looks at the oldest unanswered call. */
  readonly watchIntervalMs: number
  /** Between two tries to connect, at most; the first ones come sooner. */
  readonly maxBackoffMs: number
  /** After which whoever was refused may try again. */
  readonly retryAfterMs: number
  /** For a change that another one has overtaken, before the log is read. */
  readonly gapMs: number
  /** Between two signs of life that this process sends to itself. */
  readonly probeMs: number
  /** For such a sign to come back, before the subscriber is taken for dead. */
  readonly probeTimeoutMs: number
  /** Between two comparisons with the heads in the log. */
  readonly compareMs: number
  /** For which members of a process stay members without hearing from it. It is heard from three times as often. */
  readonly leaseMs: number
}

export const DEFAULT_TIMINGS: RedisTimings = {
  connectTimeoutMs: 3_000,
  callTimeoutMs: 3_000,
  watchIntervalMs: 250,
  maxBackoffMs: 1_000,
  retryAfterMs: 1_000,
  gapMs: 50,
  probeMs: 2_000,
  probeTimeoutMs: 3_000,
  compareMs: 5_000,
  leaseMs: 30_000,
}
