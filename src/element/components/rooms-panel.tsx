import type { JSX, TargetedMouseEvent } from 'preact'
import { useRef } from 'preact/hooks'
import { useChat } from '../model/context.ts'
import type { ListedRoom } from '../model/room-list.ts'
import { Icon } from './icon.tsx'
import { chatAround } from './place-beside.ts'
import type { Place } from './place-beside.ts'
import { Popover } from './popover.tsx'

/** The rooms that the user knows, to go from one to another. */
export function RoomsPanel({ anchor }: { readonly anchor: Element }): JSX.Element {
  const { rooms } = useChat()
  const place = useRef<Place>(isNarrow(chatAround(anchor)) ? 'drawer' : 'start').current
  return (
    <Popover anchor={anchor} label="Rooms" role="dialog" class="rooms" place={place}>
      <h2>Rooms</h2>
      <ul role="list">
        {rooms.rooms.value.map((room) => (
          <li key={room.name}>
            <RoomLink room={room} />
          </li>
        ))}
      </ul>
    </Popover>
  )
}

/** As in the style sheet: below this there is no room beside a list. */
function isNarrow(chat: Element): boolean {
  return chat.clientWidth < 30 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
}

/** A link, so that it can be opened in another tab, and copied. */
function RoomLink({ room: { name, hasDraft } }: { readonly room: ListedRoom }): JSX.Element {
  const chat = useChat()
  const { room, overlay, surroundings } = chat
  const isHere = room.room.name === name
  const go = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    overlay.value = undefined
    if (!isHere) surroundings.go(name)
  }
  return (
    <a class="room-link" href={chat.urlOf(name)} aria-current={isHere ? 'page' : undefined} onClick={go}>
      <span class="hash" aria-hidden="true">
        #
      </span>
      <bdi>{name}</bdi>
      {hasDraft && (
        <span class="draft">
          <Icon name="pencil" />
          Draft
        </span>
      )}
      {isHere && <Icon name="check" />}
    </a>
  )
}
