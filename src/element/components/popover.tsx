import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useChat } from '../model/context.ts'
import { focusedBeside } from './focused-beside.ts'
import { keepBeside } from './place-beside.ts'
import type { Place } from './place-beside.ts'
import { moveAmongButtons } from './panel-keys.ts'

interface Props {
  readonly anchor: Element
  readonly label: string
  readonly role: 'dialog' | 'menu'
  readonly class: string
  readonly place?: Place
  readonly children: ComponentChildren
}

/**
 * A panel beside what opened it. The platform's own popover does what is hard to do by hand: it lies over everything, and Esc or a
 * click elsewhere close the topmost one only.
 */
export function Popover({ anchor, label, role, class: className, place = 'end', children }: Props): JSX.Element {
  const { overlay } = useChat()
  const panel = useRef<HTMLDivElement>(null)
  // Told apart by identity: the event of a panel that closed may come when the next one is open already.
  const opened = useRef(overlay.peek()).current
  const focusedBefore = useRef<HTMLElement>(null)

  useLayoutEffect(() => {
    const element = panel.current
    if (!element) return undefined
    focusedBefore.current = focusedBeside(element)
    element.showPopover()
    const letGo = keepBeside(element, anchor, place)
    firstStop(element)?.focus()
    return () => {
      letGo()
      element.hidePopover()
    }
  }, [])

  return (
    <div
      ref={panel}
      popover="auto"
      class={`popover ${className} ${place}`}
      role={role}
      aria-label={label}
      onKeyDown={(event) => {
        if (moveAmongButtons(event.currentTarget, event)) event.preventDefault()
      }}
      onBeforeToggle={({ currentTarget, newState }) => {
        // Chromium gives the focus back by itself, but not inside of a shadow root.
        const hasFocus = currentTarget.contains(focusedBeside(currentTarget))
        if (newState === 'closed' && hasFocus) focusedBefore.current?.focus()
      }}
      onToggle={({ newState }) => {
        if (newState === 'closed' && overlay.peek() === opened) overlay.value = undefined
      }}
    >
      {children}
    </div>
  )
}

/** Where the user is in a panel to begin with: at the choice that was made, else at its first control. */
function firstStop(panel: Element): HTMLElement | null {
  return panel.querySelector<HTMLElement>('[aria-current]') ?? panel.querySelector('input, button, a[href], [tabindex]')
}
