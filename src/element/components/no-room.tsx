import type { JSX } from 'preact'
import type { ErrorCode } from '../../protocol/errors.ts'
import { Trouble } from './trouble.tsx'

export interface NoRoomProps {
  readonly code: ErrorCode
  /** Undefined where the reader is to stay where they are. */
  readonly lobbyUrl: string | undefined
}

/** Why the room cannot be shown, and where to go instead. */
export function NoRoom({ code, lobbyUrl }: NoRoomProps): JSX.Element {
  // Who never had access is told that there is no such room.
  const isForbidden = code === 'forbidden'
  return (
    <Trouble
      title={isForbidden ? 'You no longer have access to this room' : 'There is no such room'}
      says={isForbidden ? 'Ask whoever runs it to let you in again.' : 'It may have been renamed or removed.'}
    >
      {lobbyUrl !== undefined && (
        <a class="button" href={lobbyUrl}>
          Go to the lobby
        </a>
      )}
    </Trouble>
  )
}
