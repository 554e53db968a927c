import type { ClientLocks } from './environment.ts'

/**
 * Resolves to what releases the lock, once it is held; to undefined where there are no locks, they are denied, or (`ifAvailable`) it is
 * held elsewhere. A tab that dies releases all of its own.
 */
export function acquireLock(
  locks: ClientLocks | undefined,
  name: string,
  ifAvailable = false,
): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    if (locks === undefined) return resolve(undefined)
    const hold = (lock: object | null): Promise<void> | void =>
      lock === null ? resolve(undefined) : new Promise<void>(resolve)
    locks.request(name, { ifAvailable }, hold).catch(() => resolve(undefined))
  })
}
