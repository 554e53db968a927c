import type { Backend, BackendEnvironment } from './backend.ts'
import { nodeEnvironment } from './environment.ts'
import { LocalBackend } from './local-backend.ts'
import { MemoryStore } from './memory-store.ts'

export interface MemoryBackendOptions {
  /** Clock, randomness and event loop. Defaults to Node's. */
  readonly environment?: BackendEnvironment | undefined
}

/**
 * Creates a backend that keeps everything in this process's memory, for tests and demos: with the process, all of it is gone, and every
 * client that comes back gets a `reset`. For a server whose disk does not last, a {@link createSqliteBackend} on a file in a temporary
 * folder promises no less and holds a long history outside the process.
 */
export function createMemoryBackend({ environment = nodeEnvironment }: MemoryBackendOptions = {}): Backend {
  return new LocalBackend(new MemoryStore(environment), environment)
}
