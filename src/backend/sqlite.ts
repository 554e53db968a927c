import type { Backend, BackendEnvironment } from './backend.ts'
import { nodeEnvironment } from './environment.ts'
import { drawEpoch } from './epoch.ts'
import { halfRestored } from './backend-error.ts'
import { RESTORING } from './local-archive.ts'
import { LocalBackend } from './local-backend.ts'
import { PacedCommits } from './paced-commits.ts'
import { explainOpenError } from './sqlite-errors.ts'
import { openSqliteFile } from './sqlite-file.ts'
import { MIGRATIONS } from './sqlite-schema.ts'
import { SqliteStore } from './sqlite-store.ts'

export interface SqliteBackendOptions {
  /**
   * Path of the database. It and its folder are made where they are missing, for this user's eyes only. While it is open, SQLite
   * keeps a second file beside it, whose name ends in `-wal`: the newest changes are in there, so it belongs to the first one.
   */
  readonly file: string
  /** Opens a database, too, to which a chat is being moved and of which half is there, to restore the rest. Defaults to false. */
  readonly forRestore?: boolean | undefined
  /** Clock, randomness and event loop. Defaults to Node's, with commits some time apart under load; one that is given is asked for each commit. */
  readonly environment?: BackendEnvironment | undefined
}

/**
 * Creates a backend on one SQLite file, which is its own until it is closed. An append is durable (`synchronous = FULL`) when it
 * resolves; appends of one turn of the event loop, and under load of 12 to 60 milliseconds, share a transaction.
 *
 * @throws {TypeError} Where `file` is empty.
 * @throws {BackendError} Where the file cannot be opened; its `code` says why, its message what to do.
 */
export function createSqliteBackend({ file, forRestore = false, environment }: SqliteBackendOptions): Backend {
  if (file === '') throw new TypeError('createSqliteBackend: "file" is the path of the database, and empty')
  const store = openSqliteStore(file, environment ?? nodeEnvironment)
  if (!forRestore && store.findNote(RESTORING) !== undefined) {
    store.close()
    throw halfRestored(file)
  }
  return new LocalBackend(store, environment ?? nodeEnvironment, environment ?? new PacedCommits())
}

/** Opens the tables. The steps of the schema are a parameter for the sake of tests. */
export function openSqliteStore(file: string, environment: BackendEnvironment, migrations = MIGRATIONS): SqliteStore {
  try {
    const database = openSqliteFile(file, migrations)
    try {
      const store = new SqliteStore(database, drawEpoch(environment))
      // What cannot be written should be known now, not at the first message.
      store.transaction(() => store.touch(environment.now()))
      return store
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    throw explainOpenError(error, file)
  }
}
