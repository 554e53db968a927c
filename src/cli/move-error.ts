import { ArchiveError, BackendError } from '../index.ts'
import { ChatError } from '../protocol.ts'
import { CommandError } from './command-error.ts'
import { explainBackendError } from './explain-backend-error.ts'

/**
 * What went wrong while a chat was moved and what to do about it, in one line; the error itself where it is a fault of ours, of which
 * the stack tells more.
 */
export function explainMoveError(error: unknown): unknown {
  if (error instanceof BackendError) return new CommandError(explainBackendError(error))
  if (error instanceof ArchiveError) return new CommandError(error.message)
  if (error instanceof ChatError) return unavailable(error)
  const { code, path = 'standard output' } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
      return new CommandError(`${path}: there is no such file or folder`)
    case 'EEXIST':
      return new CommandError(`${path} is there already: remove it, or choose another name`)
    case 'EACCES':
      return new CommandError(`${path}: this user may not open it`)
    case 'EISDIR':
      return new CommandError(`${path} is a folder: name a file`)
    case 'ENOSPC':
      return new CommandError(`${path}: the disk is full, so the export is cut short`)
    case 'EPIPE':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return new CommandError('whoever was to read the export is gone, so it is cut short')
    default:
      return error
  }
}

function unavailable({ message, cause }: ChatError): CommandError {
  const reason = cause instanceof Error ? ` (${cause.message})` : ''
  return new CommandError(`${message}${reason}: when it is back, do the same again, from the start`)
}
