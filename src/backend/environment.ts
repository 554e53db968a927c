import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { BackendEnvironment } from './backend.ts'

/** Milliseconds between two turns that a paced environment defers to: a flush of the disk then takes a few hundredths of the time. */
const PACE_MS = 12
/** The same in a busy process: the fewer the turns, the more of what they bring goes out together. */
const BUSY_PACE_MS = 20
/** The shares of its time that a process works, up to which it is not busy at all, and from which on it is wholly so. */
const [BUSY_FROM, BUSY_AT] = [0.5, 0.8]

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
  let paceMs = PACE_MS
  let measured = { at: -Infinity, load: performance.eventLoopUtilization() }
  const run = (task: () => void): void => {
    lastAt = performance.now()
    task()
    if (lastAt - measured.at < PACE_MS) return
    const load = performance.eventLoopUtilization()
    paceMs = paceAt(performance.eventLoopUtilization(load, measured.load).utilization)
    measured = { at: lastAt, load }
  }
  return {
    ...nodeEnvironment,
    defer: (task) => {
      const waitMs = lastAt + paceMs - performance.now()
      if (waitMs > 0) setTimeout(run, waitMs, task)
      else setImmediate(run, task)
    },
  }
}

/** Milliseconds between two turns. `utilization`: the share of its time for which the event loop was at work, 0 to 1. */
export function paceAt(utilization: number): number {
  const busy = (utilization - BUSY_FROM) / (BUSY_AT - BUSY_FROM)
  return PACE_MS + Math.max(0, Math.min(1, busy)) * (BUSY_PACE_MS - PACE_MS)
}
