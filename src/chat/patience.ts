import { ChatError } from '../protocol/errors.ts'
import type { Environment } from './environment.ts'

/** Milliseconds between two tries to read a log that is unavailable. */
const RETRY_MS = 1_000

/** Reads from the log; undefined, after a wait, while it is unavailable. */
export async function readPatiently<T>(environment: Environment, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ChatError) || error.code !== 'unavailable') throw error
    await new Promise<void>((resolve) => environment.setTimer(resolve, RETRY_MS))
    return undefined
  }
}
