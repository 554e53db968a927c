import type { JSX } from 'preact'
import type { Delivery } from '../../client/types.ts'
import { useChat } from '../model/context.ts'
import { Icon } from './icon.tsx'

export interface NotSentProps {
  readonly failure: Extract<Delivery, { status: 'failed' }>
}

/** Why a message did not get into the log, and what can be done about it. */
export function NotSent({ failure: { key, kind, code, message, retryable } }: NotSentProps): JSX.Element {
  const { room } = useChat().room
  const what = code === 'held' ? 'Waiting' : kind === 'edit' ? 'Edit not saved' : 'Not sent'
  return (
    <div class="failed">
      <Icon name="alert" />
      <span>{code === 'late' ? what : `${what}: ${message}`}</span>
      {retryable && (
        <button class="button" type="button" onClick={() => room.retry(key)}>
          Retry
        </button>
      )}
      <button class="button danger" type="button" onClick={() => room.discard(key)}>
        {kind === 'edit' ? 'Discard' : 'Delete'}
      </button>
    </div>
  )
}
