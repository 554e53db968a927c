import type { JSX } from 'preact'
import type { TimelineMessage } from '../../client/types.ts'
import { useChat } from '../model/context.ts'
import type { Row } from '../model/rows.ts'
import { formatFullTime, formatShortTime, formatTime } from '../text/times.ts'
import { Avatar } from './avatar.tsx'
import { DeliveryState } from './delivery-state.tsx'
import { EditBox } from './edit-box.tsx'
import { MessageActions } from './message-actions.tsx'
import { MessageText } from './message-text.tsx'
import { Reactions } from './reactions.tsx'

/** A message: who, when, what, and what can be done with it. */
export function MessageView({ row: { message, startsGroup } }: { readonly row: Row }): JSX.Element {
  const { room } = useChat()
  const { author, postedAt, mine } = message
  const isEdited = room.editing.value === message.uid
  return (
    <div class={classOf(message, startsGroup)} part="message" data-delivery={message.delivery.status}>
      <div class="gutter">
        {startsGroup ? <Avatar user={author} /> : <Time ms={postedAt} format={formatShortTime} />}
      </div>
      <div class="body" part="body">
        {startsGroup && (
          <div class="byline">
            <bdi class="author" part="author">
              {author.name}
            </bdi>
            {mine && <span class="you">you</span>}
            <Time ms={postedAt} format={formatTime} />
          </div>
        )}
        {isEdited ? <EditBox message={message} /> : <MessageText message={message} />}
        <DeliveryState delivery={message.delivery} />
        <Reactions message={message} />
      </div>
      {!isEdited && <MessageActions message={message} />}
    </div>
  )
}

function Time({ ms, format }: { readonly ms: number; readonly format: (ms: number) => string }): JSX.Element {
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatFullTime(ms)}>
      {format(ms)}
    </time>
  )
}

function classOf({ mine, delivery }: TimelineMessage, startsGroup: boolean): string {
  const isUnderWay = delivery.status === 'pending' && delivery.kind !== 'react'
  return `message${startsGroup ? ' first' : ''}${mine ? ' own' : ''}${isUnderWay ? ' pending' : ''}`
}
