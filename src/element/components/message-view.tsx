import type { JSX } from 'preact'
import { useChat } from '../model/context.ts'
import type { Row } from '../model/rows.ts'
import { formatFullTime, formatShortTime, formatTime } from '../text/times.ts'
import { Avatar } from './avatar.tsx'
import { LazyEditBox, LazyMessageActions, LazyNotSent } from './lazy-overlays.tsx'
import { MessageText } from './message-text.tsx'
import { Reactions } from './reactions.tsx'
import { Sending } from './sending.tsx'

/** A message: who, when, what, and what can be done with it. */
export function MessageView({ row: { message, startsGroup } }: { readonly row: Row }): JSX.Element {
  const { room } = useChat()
  const { author, postedAt, mine, delivery } = message
  const isSending = delivery.status === 'pending' && delivery.kind !== 'react'
  const isEdited = room.editing.value === message.uid && message.deletedAt === undefined
  return (
    <div
      class={classOf({ startsGroup, mine, isSending })}
      part={mine ? 'message own' : 'message'}
      data-delivery={delivery.status}
    >
      <div class="gutter">
        {startsGroup && <Avatar user={author} />}
        {!startsGroup && (isSending ? <Sending brief /> : <Time ms={postedAt} format={formatShortTime} />)}
      </div>
      <div class="body" part="body">
        {startsGroup && (
          <div class="byline">
            <bdi class="author" part="author">
              {author.name}
            </bdi>
            {mine && <span class="you">you</span>}
            <Time ms={postedAt} format={formatTime} />
            {isSending && <Sending />}
          </div>
        )}
        {isEdited ? <LazyEditBox message={message} /> : <MessageText message={message} />}
        {delivery.status === 'failed' && <LazyNotSent failure={delivery} />}
        <Reactions message={message} />
      </div>
      {!isEdited && <LazyMessageActions message={message} />}
    </div>
  )
}

function Time({ ms, format }: { readonly ms: number; readonly format: (ms: number) => string }): JSX.Element {
  return (
    <time part="time" dateTime={new Date(ms).toISOString()} title={formatFullTime(ms)}>
      {format(ms)}
    </time>
  )
}

function classOf({ startsGroup, mine, isSending }: Readonly<Record<string, boolean>>): string {
  return `message${startsGroup ? ' first' : ''}${mine ? ' own' : ''}${isSending ? ' pending' : ''}`
}
