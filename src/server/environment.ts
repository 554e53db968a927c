import { randomBytes } from 'node:crypto'
import type { Environment } from '../chat/environment.ts'

/** The real clock, timers and randomness. */
export const NODE_ENVIRONMENT: Environment = {
  now: () => Date.now(),
  monotonicNow: () => performance.now(),
  randomBytes: (length) => randomBytes(length),
  setTimer(task, delayMs) {
    const timer = setTimeout(task, delayMs).unref()
    return () => clearTimeout(timer)
  },
  defer: (task) => void setImmediate(task),
}
