import type { JSX } from 'preact'
import type { StopReason } from '../../client/types.ts'
import { useChat } from '../model/context.ts'
import { Trouble } from './trouble.tsx'

export interface StoppedProps {
  readonly reason: StopReason
  /** Whether it stands in the place of the messages. */
  readonly whole?: boolean
}

interface Words {
  readonly title: string
  readonly says: string
  readonly offers?: string
}

const WORDS: Record<StopReason, Words> = {
  closed: { title: 'The chat is closed', says: 'Load the page again to open it.' },
  unauthorized: { title: 'You are signed out', says: 'Sign in again to go on.', offers: 'Try again' },
  forbidden: { title: 'You have no access to this chat', says: 'Ask whoever runs it to let you in.' },
  protocol: { title: 'This page is out of date', says: 'Load it again to go on.' },
}

/** What to say to somebody who was not signed in before either. */
const NEWCOMER: Words = { ...WORDS.unauthorized, title: 'Sign in to chat', says: 'Sign in to go on.' }

/** Why there is no connection and will be none by itself: over the messages, or in their place while there are none. */
export function Stopped({ reason, whole }: StoppedProps): JSX.Element {
  const chat = useChat()
  const isNewcomer = reason === 'unauthorized' && chat.user.value === undefined
  const { title, says, offers } = isNewcomer ? NEWCOMER : WORDS[reason]
  const button = offers && (
    <button class="button" type="button" onClick={() => chat.connect()}>
      {offers}
    </button>
  )
  if (whole) {
    return (
      <Trouble title={title} says={says}>
        {button}
      </Trouble>
    )
  }
  return (
    <div class="banner stopped" part="banner">
      {title}. {says}
      {button}
    </div>
  )
}
