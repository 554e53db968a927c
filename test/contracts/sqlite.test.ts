import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteBackend } from '../../src/backend/sqlite.ts'
import { testBackend } from './backend.ts'

testBackend(
  'sqlite',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'natter-sqlite-'))
    return {
      open: async (environment, forRestore) =>
        createSqliteBackend({ file: join(folder, 'natter.db'), environment, forRestore }),
      remove: () => rm(folder, { recursive: true }),
    }
  },
  { isDurable: true },
)
