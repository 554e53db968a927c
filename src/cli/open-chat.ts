import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createSqliteBackend } from '../index.ts'
import type { Backend } from '../index.ts'
import { CommandError } from './command-error.ts'
import type { ChatValues } from './move-options.ts'
import { tell } from './move-progress.ts'
import { DATABASE, openRedis } from './open-backend.ts'

/** Opens the chat that is to be exported; it is closed with the scope that has it. */
export async function openSource(options: ChatValues): Promise<ClosingBackend> {
  if (options.redis !== undefined) return closing(await openRedis(options.redis, options, { onNotice: tell }))
  const file = join(options.data, DATABASE)
  // Opening it would make it, and export nothing.
  if (!existsSync(file)) throw new CommandError(`--data: there is no chat in ${options.data}`)
  return closing(createSqliteBackend({ file }))
}

/** Opens the chat that is to be imported into; half of it may be there. */
export async function openTarget(options: ChatValues): Promise<ClosingBackend> {
  if (options.redis !== undefined)
    return closing(await openRedis(options.redis, options, { onNotice: tell, forRestore: true }))
  return closing(createSqliteBackend({ file: join(options.data, DATABASE), forRestore: true }))
}

/** Which chat that is, for people: without user and password. It is one that could be opened. */
export function nameChat({ redis, redisPrefix, data }: ChatValues): string {
  if (redis === undefined) return join(data, DATABASE)
  const { protocol, host, pathname } = new URL(redis)
  return `${protocol}//${host}${pathname}, prefix ${redisPrefix}`
}

type ClosingBackend = Pick<Backend, 'archive'> & AsyncDisposable

function closing(backend: Backend): ClosingBackend {
  return { archive: backend.archive, [Symbol.asyncDispose]: () => backend.close() }
}
