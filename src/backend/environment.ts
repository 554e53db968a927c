import { randomBytes } from 'node:crypto'
import type { BackendEnvironment } from './backend.ts'

/** The real clock, the system's randomness and Node's event loop. */
export const nodeEnvironment: BackendEnvironment = {
  now: () => Date.now(),
  randomBytes: (length) => randomBytes(length),
  // Immediates run after the poll phase, which is where sockets are read.
  defer: (task) => void setImmediate(task),
}
