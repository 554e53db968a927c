import { BackendError } from './backend-error.ts'

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const BUSY = 5
const LOCKED = 6
const NOT_A_DATABASE = 26
/** PERM, READONLY, IOERR, FULL, CANTOPEN. */
const CANNOT_WRITE: ReadonlySet<number> = new Set([3, 8, 10, 13, 14])

/** What the operator is told of a failure to open `file`. Faults that are not the file's come back as they are. */
export function explainOpenError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof BackendError) return error
  const options = { cause: error }
  if (isSystemError(error)) return notWritable(file, reasonOf(error), options)
  if (!isSqliteError(error)) return error
  const code = error.errcode & 0xff
  if (code === BUSY || code === LOCKED) {
    return new BackendError(
      'in_use',
      `${file} is in use: stop the process that has it open, or choose another file`,
      options,
    )
  }
  if (code === NOT_A_DATABASE) return notALog(file, options)
  if (CANNOT_WRITE.has(code)) return notWritable(file, error.errstr, options)
  return corrupt(file, error.message, options)
}

export function notALog(file: string, options?: ErrorOptions): BackendError {
  return new BackendError('not_a_log', `${file} is not a Natter database: choose another file`, options)
}

export function newer(file: string, version: number, known: number): BackendError {
  return new BackendError(
    'newer',
    `${file} was written by a newer Natter (schema ${version}, this one knows ${known}): update this one`,
  )
}

export function corrupt(file: string, finding: string, options?: ErrorOptions): BackendError {
  const detail = finding.replaceAll(/\s+/g, ' ')
  return new BackendError(
    'corrupt',
    `${file} is damaged (${detail}): restore a backup, or move it away to begin an empty log`,
    options,
  )
}

function notWritable(file: string, reason: string, options: ErrorOptions): BackendError {
  const hint = 'choose a path on a disk with free space, in a folder that this user may write to'
  return new BackendError('not_writable', `${file} cannot be written (${reason}): ${hint}`, options)
}

function isSystemError(error: Error): boolean {
  return 'syscall' in error
}

/** `EACCES: permission denied` of `EACCES: permission denied, open '/data/natter.db'`. */
function reasonOf(error: Error): string {
  return error.message.replace(/, \w+ '.*$/s, '')
}

function isSqliteError(error: Error): error is Error & { readonly errcode: number; readonly errstr: string } {
  return 'errcode' in error && typeof error.errcode === 'number'
}
