/** Milliseconds until something is tried again that the server refused for now, where it did not say how long. */
export const RETRY_AFTER_MS = 1_000

const FIRST_BOUND_MS = 500
const LAST_BOUND_MS = 30_000

/**
 * Milliseconds to wait before attempt number `attempt` (from 0): full jitter, so that clients that were cut off together do not come back
 * together. `random` is from 0 up to 1.
 */
export function retryDelayMs(attempt: number, random: number): number {
  return Math.floor(random * Math.min(LAST_BOUND_MS, FIRST_BOUND_MS * 2 ** attempt))
}
