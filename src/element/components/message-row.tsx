import { Component } from 'preact'
import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import { useChat } from '../model/context.ts'
import type { Row } from '../model/rows.ts'
import { formatDay, formatTime } from '../text/times.ts'
import { MessageView } from './message-view.tsx'

interface Props {
  readonly row: Row
}

/** One item of the list. A row is drawn again only when it is another object: with 300 of them, most changes concern one. */
export class MessageRow extends Component<Props> {
  override shouldComponentUpdate({ row }: Props): boolean {
    return row !== this.props.row
  }

  override render({ row }: Props): JSX.Element {
    const { message, startsDay, startsUnread } = row
    return (
      <li class="row" aria-label={labelOf(message)} tabIndex={-1} data-uid={message.uid}>
        {startsDay && <Day ms={message.postedAt} />}
        {startsUnread && <p class="day unread">New</p>}
        <MessageView row={row} />
      </li>
    )
  }
}

function Day({ ms }: { readonly ms: number }): JSX.Element {
  const { today } = useChat()
  return <p class="day">{formatDay(ms, today.value)}</p>
}

/** "Ann, 9:57 AM, hello": what a screen reader says of a message that is reached by keyboard. */
function labelOf({ author, postedAt, text, deletedAt, delivery }: TimelineMessage): string {
  const said = deletedAt === undefined ? text : 'Message deleted'
  const state = delivery.status === 'failed' ? ', not sent' : ''
  return `${author.name}, ${formatTime(postedAt)}, ${said}${state}`
}
