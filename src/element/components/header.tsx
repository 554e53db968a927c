import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icon.tsx'

const FACES = 3

/** The room's name, who is here, and who the user is. */
export function Header(): JSX.Element {
  const { hasRoomList, hide } = useChat().surroundings
  return (
    <header class="header" part="header">
      <div class="header-row">
        <h1 class="room-name">{hasRoomList.value ? <RoomsButton /> : <RoomName />}</h1>
        <MembersButton />
        <ProfileButton />
        {hide && (
          <button class="header-button" type="button" aria-label="Close the chat" title="Close" onClick={hide}>
            <Icon name="close" />
          </button>
        )}
      </div>
    </header>
  )
}

/** What the app calls the room; its name, where it has no other. */
function RoomName(): JSX.Element {
  const { room } = useChat()
  const { title } = room.state.value
  if (title !== undefined) return <bdi>{title}</bdi>
  return (
    <>
      <span class="hash" aria-hidden="true">
        #
      </span>
      <bdi>{room.room.name}</bdi>
    </>
  )
}

/** The room's name as the way to the other rooms. */
function RoomsButton(): JSX.Element {
  const { room, rooms, overlay } = useChat()
  const { title = room.room.name } = room.state.value
  const hasOtherDrafts = rooms.rooms.value.some(({ name, hasDraft }) => hasDraft && name !== room.room.name)
  return (
    <button
      class="header-button rooms-button"
      type="button"
      aria-label={`${title}, switch rooms${hasOtherDrafts ? ', drafts in other rooms' : ''}`}
      aria-haspopup="dialog"
      aria-expanded={overlay.value?.kind === 'rooms'}
      onClick={({ currentTarget }) => (overlay.value = { kind: 'rooms', anchor: currentTarget })}
    >
      <span class="room-title">
        <RoomName />
      </span>
      <Icon name="chevron" />
      {hasOtherDrafts && (
        <span class="drafts" title="You have drafts in other rooms">
          <Icon name="pencil" />
        </span>
      )}
    </button>
  )
}

function MembersButton(): JSX.Element | null {
  const { room, overlay, connection } = useChat()
  const { count, members = [] } = room.state.value
  // Whoever is out of the chat knows no more who is in it.
  if (count === 0 || connection.value.status === 'stopped') return null
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

/** Where a guest changes their handle. Who the app says the user is, only the app can change. */
function ProfileButton(): JSX.Element | null {
  const { user, isGuest, overlay } = useChat()
  const me = user.value
  if (!me || !isGuest.value) return null
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
