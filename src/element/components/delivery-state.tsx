import type { JSX } from 'preact'
import type { Delivery } from '../../client/types.ts'
import { useChat } from '../model/context.ts'
import { Icon } from './icon.tsx'

type Failure = Extract<Delivery, { status: 'failed' }>

/** Where a message of the user's is on its way to the log; nothing once it is there. */
export function DeliveryState({ delivery }: { readonly delivery: Delivery }): JSX.Element | null {
  if (delivery.status === 'failed') return <Failed failure={delivery} />
  const isUnderWay = delivery.status === 'pending' && delivery.kind !== 'react'
  return isUnderWay ? <span class="sending">Sending…</span> : null
}

function Failed({ failure: { key, kind, code, message, retryable } }: { readonly failure: Failure }): JSX.Element {
  const { room } = useChat().room
  const what = kind === 'edit' ? 'Edit not saved' : 'Not sent'
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
        Delete
      </button>
    </div>
  )
}
