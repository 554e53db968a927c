import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { corrupt, newer, notALog } from './sqlite-errors.ts'

/** "Nttr": how a file says that it is a log of this program. */
const APPLICATION_ID = 0x4e_74_74_72

/** Bytes up to which a file is checked from end to end when it is opened: what takes some ten milliseconds. */
const FULL_CHECK_BYTES = 32 * 1024 * 1024

const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  -- Where the system's fsync leaves data in the drive's cache (macOS), what does not.
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  -- In pages of 4 KiB. What was written is put in its place once per 4 MB of log, in some five milliseconds, for which all else waits.
  PRAGMA wal_autocheckpoint = 1000;
  -- A burst's write-ahead log is cut back to this many bytes.
  PRAGMA journal_size_limit = 33554432;
  -- In KiB, as negative numbers are.
  PRAGMA cache_size = -16384;
`

/**
 * Opens the file for this process alone, makes it if there is none, and brings it to the newest version of the schema.
 *
 * @throws {BackendError} `not_a_log`, `newer` or `corrupt`. Errors of the system and of SQLite come as they are.
 */
export function openSqliteFile(file: string, migrations: readonly string[]): DatabaseSync {
  // A path, whatever it looks like: SQLite gives meanings of their own to ":memory:" and "file:".
  const path = resolve(file)
  makeFile(path)
  const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: false })
  try {
    // Before anything is read. It also keeps the index of the write-ahead log in memory, without a file that a crash leaves behind.
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    const version = readVersion(database, file, migrations.length)
    database.exec(SETTINGS)
    check(database, file)
    migrate(database, version, migrations)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Makes a folder and those it lies in, where they are missing. What `recursive: true` does too, but that never returns on
 * file systems that answer "no such file" to every mkdir, as `/proc` does.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

/** What is said here and who said it is for nobody but the server: the file is its user's alone, from the start. */
function makeFile(path: string): void {
  makeFolder(dirname(path))
  try {
    // Never opened if it is there: closing it would drop the locks that another backend of this process has on it.
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    // SQLite calls a missing right an I/O error.
    accessSync(path, constants.R_OK | constants.W_OK)
  }
}

/** The version of the file's schema; 0 where it is new. Reads only: a file that is another program's stays as it is. */
function readVersion(database: DatabaseSync, file: string, newest: number): number {
  const version = readNumber(database, 'PRAGMA user_version')
  if (readNumber(database, 'PRAGMA application_id') !== APPLICATION_ID) {
    const isEmpty = version === 0 && readNumber(database, 'SELECT count(*) FROM sqlite_schema') === 0
    if (!isEmpty) throw notALog(file)
  }
  if (version > newest) throw newer(file, version, newest)
  return version
}

/** A small file is read whole. Of a large one SQLite has looked at its header and its length, and checks each page when it is read. */
function check(database: DatabaseSync, file: string): void {
  const bytes = readNumber(database, 'PRAGMA page_count') * readNumber(database, 'PRAGMA page_size')
  if (bytes > FULL_CHECK_BYTES) return
  const finding = readValue(database, 'PRAGMA quick_check(1)')
  if (finding !== 'ok') throw corrupt(file, String(finding))
}

function migrate(database: DatabaseSync, version: number, migrations: readonly string[]): void {
  if (version === migrations.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const step of migrations.slice(version)) database.exec(step)
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}; COMMIT`)
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function readNumber(database: DatabaseSync, sql: string): number {
  return Number(readValue(database, sql))
}

function readValue(database: DatabaseSync, sql: string): unknown {
  const [value] = Object.values(database.prepare(sql).get() ?? {})
  return value
}
