import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useChat } from '../model/context.ts'
import { placeBeside } from './place-beside.ts'
import { moveAmongButtons } from './roving-focus.ts'

interface Props {
  readonly anchor: Element
  readonly label: string
  readonly role: 'dialog' | 'menu'
  readonly class: string
  /** How many of its buttons stand in a line; the arrow keys move among them. */
  readonly columns?: number
  readonly children: ComponentChildren
}

/**
 * A panel beside what opened it. The platform's own popover does what is hard to do by hand: it lies over everything, Esc and a
 * click elsewhere close the topmost one only, and the focus goes back to where it was.
 */
export function Popover({ anchor, label, role, class: className, columns = 1, children }: Props): JSX.Element {
  const { overlay } = useChat()
  const panel = useRef<HTMLDivElement>(null)
  // Told apart by identity: the event of a panel that closed may come when the next one is open already.
  const opened = useRef(overlay.peek()).current

  useLayoutEffect(() => {
    const element = panel.current
    if (!element) return undefined
    element.showPopover()
    placeBeside(element, anchor)
    element.querySelector<HTMLElement>('input, button, [tabindex]')?.focus()
    return () => element.hidePopover()
  }, [])

  return (
    <div
      ref={panel}
      popover="auto"
      class={`popover ${className}`}
      role={role}
      aria-label={label}
      onKeyDown={(event) => {
        if (moveAmongButtons(event.currentTarget, event, columns)) event.preventDefault()
      }}
      onToggle={({ newState }) => {
        if (newState === 'closed' && overlay.peek() === opened) overlay.value = undefined
      }}
    >
      {children}
    </div>
  )
}
