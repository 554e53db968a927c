import { useComputed } from '@preact/signals'
import type { ReadonlySignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Unread } from '../model/room-model.ts'
import { bringStyle } from '../styles/adopt-style.ts'
import { Icon } from './icon.tsx'
import css from './popup.css'

export interface PopupProps {
  readonly room: string
  readonly isOpen: boolean
  /** Undefined where there is no such room. */
  readonly unread: ReadonlySignal<Unread> | undefined
  readonly onShow: () => void
  readonly onHide: () => void
  readonly children: ComponentChildren
}

/** A button in the corner of the page, and the chat above it while it is open. */
export function Popup({ room, isOpen, unread, onShow, onHide, children }: PopupProps): JSX.Element {
  const onKeyDown = (event: KeyboardEvent): void => {
    // What lies over the chat closes by the same key, and comes first.
    const isTaken = event.defaultPrevented || event.isComposing || hasOpenPanel(event)
    if (event.key !== 'Escape' || isTaken) return
    event.preventDefault()
    onHide()
  }
  const count = useComputed(() => (unread ? countOf(unread.value) : '0')).value
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => bringStyle(box.current, css), [])
  return (
    <div ref={box} class={isOpen ? 'popup open' : 'popup'} onKeyDown={onKeyDown}>
      {isOpen && (
        <div id="popup-panel" class="popup-panel" part="popup" role="dialog" aria-label={`Chat: ${room}`}>
          {children}
        </div>
      )}
      <button
        class="launcher"
        part="launcher"
        type="button"
        aria-label={isOpen ? 'Close the chat' : `Open the chat${count === '0' ? '' : `, ${count} unread`}`}
        aria-expanded={isOpen}
        aria-controls={isOpen ? 'popup-panel' : undefined}
        onClick={isOpen ? onHide : onShow}
      >
        <Icon name={isOpen ? 'chevron' : 'chat'} />
        {!isOpen && count !== '0' && (
          <span class="badge" part="badge">
            {count}
          </span>
        )}
      </button>
    </div>
  )
}

function countOf({ count, isPartial }: Unread): string {
  return count > 99 ? '99+' : `${count}${isPartial ? '+' : ''}`
}

function hasOpenPanel({ currentTarget }: Event): boolean {
  return currentTarget instanceof Element && currentTarget.querySelector(':popover-open') !== null
}
