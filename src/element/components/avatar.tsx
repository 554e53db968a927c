import type { JSX } from 'preact'
import type { User } from '../../protocol/message.ts'
import { hueOf, initialsOf } from '../text/names.ts'

/** A user's face, or the initials on a colour of their own. Beside it stands the name, so it says nothing to a screen reader. */
export function Avatar({ user, small }: { readonly user: User; readonly small?: boolean }): JSX.Element {
  return (
    <span
      class={small ? 'avatar small' : 'avatar'}
      part="avatar"
      style={{ '--hue': hueOf(user.id) }}
      aria-hidden="true"
    >
      {user.avatarUrl ? (
        <img src={user.avatarUrl} alt="" referrerpolicy="no-referrer" />
      ) : (
        initialsOf(user.name, small ? 1 : 2)
      )}
    </span>
  )
}
