import type { JSX } from 'preact'
import type { ErrorCode } from '../../protocol/errors.ts'
import { Trouble } from './trouble.tsx'

interface Props {
  readonly code: ErrorCode
  readonly lobbyUrl: string
}

/** Why the room cannot be shown, and where to go instead. */
export function NoRoom({ code, lobbyUrl }: Props): JSX.Element {
  const isForbidden = code === 'forbidden'
  return (
    <Trouble
      title={isForbidden ? 'You have no access to this room' : 'There is no such room'}
      says={isForbidden ? 'Ask whoever runs it to let you in.' : 'It may have been renamed or removed.'}
    >
      <a class="button" href={lobbyUrl}>
        Go to the lobby
      </a>
    </Trouble>
  )
}
