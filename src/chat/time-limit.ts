import type { Environment } from './environment.ts'

/** What an app was asked and has not answered in time. */
export class LateError extends Error {
  override readonly name = 'LateError'

  constructor(what: string, timeoutMs: number) {
    super(`${what} did not answer within ${timeoutMs} ms`)
  }
}

/**
 * What `ask` answers, at once or later. What comes after `timeoutMs` comes too late, whatever it is.
 *
 * @param what names what was asked, where it is late.
 * @throws {LateError}, or what `ask` does
 */
export async function withinTime<T>(
  environment: Environment,
  timeoutMs: number,
  what: string,
  ask: () => T | PromiseLike<T>,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const stop = environment.setTimer(() => reject(new LateError(what, timeoutMs)), timeoutMs)
  try {
    return await Promise.race([ask(), late])
  } finally {
    stop()
  }
}
