import { useComputed, useSignal } from '@preact/signals'
import type { ReadonlySignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Unread } from '../model/room-model.ts'
import { bringStyle } from '../styles/adopt-style.ts'
import { focusedBeside } from './focused-beside.ts'
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

/** Where there is no room for the chat beside the page. */
const PHONE = '(width < 30rem)'

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
        <Panel label={`Chat: ${room}`} onHide={onHide}>
          {children}
        </Panel>
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

interface PanelProps {
  readonly label: string
  readonly onHide: () => void
  readonly children: ComponentChildren
}

/** The box of the chat. On a phone it is the whole screen, and modal: the platform keeps the focus in it, and the page behind is inert. */
function Panel({ label, onHide, children }: PanelProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const isModal = useMatches(PHONE)
  useLayoutEffect(() => {
    const element = dialog.current
    if (!element) return
    const focused = element.contains(focusedBeside(element)) ? focusedBeside(element) : null
    element.close()
    if (isModal) element.showModal()
    // `show()` would take the focus, also where the page opens the chat while its user does something else.
    else element.open = true
    focused?.focus()
  }, [isModal])
  // Gives the focus back, as taking it out of the document does not.
  useLayoutEffect(() => () => dialog.current?.close(), [])
  return (
    <dialog
      ref={dialog}
      id="popup-panel"
      class="popup-panel"
      part="popup"
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault()
        onHide()
      }}
    >
      {children}
    </dialog>
  )
}

function useMatches(query: string): boolean {
  const matches = useSignal(matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const note = (): void => {
      matches.value = list.matches
    }
    list.addEventListener('change', note)
    return () => list.removeEventListener('change', note)
  }, [query])
  return matches.value
}

function countOf({ count, isPartial }: Unread): string {
  return count > 99 ? '99+' : `${count}${isPartial ? '+' : ''}`
}

function hasOpenPanel({ currentTarget }: Event): boolean {
  return currentTarget instanceof Element && currentTarget.querySelector(':popover-open') !== null
}
