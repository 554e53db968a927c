/** Why a backend could not be opened, or a chat not be moved to it. */
export type BackendErrorCode =
  /** Another process, or another backend of this one, has the log open. */
  | 'in_use'
  /** The log cannot be written there: a missing right, a path that is none, a full disk. */
  | 'not_writable'
  /** The file holds something else. */
  | 'not_a_log'
  /** The file is damaged. */
  | 'corrupt'
  /** A newer version of this program wrote the log. */
  | 'newer'
  /** The log has half of a chat that is being moved there. */
  | 'restoring'
  /** The log that a chat is to be moved to has one. */
  | 'not_empty'
  /** What was given as the address of a Redis is none. */
  | 'bad_url'
  /** The package with which Redis is spoken to is not installed. */
  | 'client_missing'
  /** Nobody answers at that address, or not what was expected. */
  | 'unreachable'
  /** Wrong user or password, or one that may not do what is needed. */
  | 'unauthorized'
  /** The server's certificate cannot be verified. */
  | 'untrusted'
  /** The server is too old. */
  | 'unsupported'
  /** The server follows another one, and takes no writes. */
  | 'not_primary'
  /** The server throws data away when its memory is full. */
  | 'evicts'

/** A backend that cannot be opened, or not for what was asked. `message` is one line for the operator: what is wrong and what to do. */
export class BackendError extends Error {
  override readonly name = 'BackendError'
  readonly code: BackendErrorCode

  constructor(code: BackendErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** For a log that must not be served as it is. */
export function halfRestored(log: string): BackendError {
  return new BackendError(
    'restoring',
    `${log} has half of a chat that is being moved there: run natter import again, or choose another`,
  )
}
