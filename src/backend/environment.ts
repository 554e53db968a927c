import { randomBytes } from 'node:crypto'
import type { BackendEnvironment } from './backend.ts'

/** Milliseconds between two turns that a paced environment defers to: a flush of the disk then takes a few hundredths of the time. */
const PACE_MS = 12

/** The real clock, the system's randomness and Node's event loop. */
export const nodeEnvironment: BackendEnvironment = {
  now: () => Date.now(),
  randomBytes: (length) => randomBytes(length),
  // Immediates run after the poll phase, which is where sockets are read.
  defer: (task) => void setImmediate(task),
}

/**
 * The same for a store whose every commit flushes a disk: tasks that come one right after another are run some milliseconds apart, so that
 * under load a commit takes more with it. A task that comes alone is not held up.
 */
export function createPacedEnvironment(): BackendEnvironment {
  let lastAt = -Infinity
  return {
    ...nodeEnvironment,
    defer: (task) => {
      const run = (): void => {
        lastAt = performance.now()
        task()
      }
      const waitMs = lastAt + PACE_MS - performance.now()
      if (waitMs > 0) setTimeout(run, waitMs)
      else setImmediate(run)
    },
  }
}
