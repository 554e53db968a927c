import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import { Avatar } from './avatar.tsx'
import { Popover } from './popover.tsx'

/** Who is in the room. */
export function MembersPanel({ anchor }: { readonly anchor: Element }): JSX.Element {
  const { room, user } = useChat()
  const { count, members = [] } = room.state.value
  return (
    <Popover anchor={anchor} label="People here" role="dialog" class="members">
      <h2>{count === 1 ? 'Only you here' : `${count} here now`}</h2>
      <ul role="list" tabIndex={0}>
        {members.map((member) => (
          <li key={member.id}>
            <Avatar user={member} small />
            <bdi>{member.name}</bdi>
            {member.id === user.value?.id && <span class="you">you</span>}
          </li>
        ))}
      </ul>
    </Popover>
  )
}
