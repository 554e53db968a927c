import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createSqliteBackend } from '../../src/index.ts'
import type { RoomId } from '../../src/protocol/ids.ts'
import { startServer, temporaryFolder } from '../helpers.ts'

/** An address like `wss://chat.example/` of a running server with default options, for the suite to speak to. */
const ELSEWHERE = process.env['NATTER_URL']

/** Whether the suite starts servers of its own, so that it may give them options, stop them, and break what they stand on. */
export const hasOwnServer = ELSEWHERE === undefined

/** Where the server of this test is: what `NATTER_URL` says, or a server with default options and SQLite, for this test alone. */
export async function findTarget(t: TestContext): Promise<string> {
  if (ELSEWHERE !== undefined) return ELSEWHERE
  const folder = await temporaryFolder(t)
  const backend = createSqliteBackend({ file: join(folder, 'chat.db') })
  const { socketUrl } = await startServer(t, { backend })
  // Hooks run in the order they were added: this is after the server has let go of it.
  t.after(() => backend.close())
  return socketUrl
}

/** A room that no other test, and no earlier run on the same server, was in. */
export function newRoom(): RoomId {
  return `suite-${randomUUID()}` as RoomId
}

/** Fit to be the key of one write. */
export function newKey(): string {
  return randomUUID()
}
