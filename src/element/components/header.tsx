import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icon.tsx'

const FACES = 3

/** The room's name, who is here, and who the user is. */
export function Header(): JSX.Element {
  const { room } = useChat()
  return (
    <header class="header" part="header">
      <div class="header-row">
        <h1 class="room-name">
          <span class="hash" aria-hidden="true">
            #
          </span>
          <bdi>{room.room.name}</bdi>
        </h1>
        <MembersButton />
        <ProfileButton />
      </div>
    </header>
  )
}

function MembersButton(): JSX.Element | null {
  const { room, overlay } = useChat()
  const { count, members = [] } = room.state.value
  if (count === 0) return null
  return (
    <button
      class="header-button"
      type="button"
      aria-haspopup="dialog"
      aria-expanded={overlay.value?.kind === 'members'}
      onClick={({ currentTarget }) => (overlay.value = { kind: 'members', anchor: currentTarget })}
    >
      <span class="faces">
        {members.slice(0, FACES).map((user) => (
          <Avatar key={user.id} user={user} small />
        ))}
      </span>
      {members.length === 0 && <Icon name="people" />}
      <span>
        {count}
        <span class="unseen"> {count === 1 ? 'person' : 'people'}</span>
        <span class="wide"> here</span>
      </span>
    </button>
  )
}

function ProfileButton(): JSX.Element | null {
  const { user, overlay } = useChat()
  const me = user.value
  if (!me) return null
  return (
    <button
      class="header-button"
      type="button"
      aria-haspopup="dialog"
      aria-expanded={overlay.value?.kind === 'profile'}
      onClick={({ currentTarget }) => (overlay.value = { kind: 'profile', anchor: currentTarget })}
    >
      <Avatar user={me} small />
      <span class="unseen">You are </span>
      <bdi class="wide name">{me.name}</bdi>
    </button>
  )
}
