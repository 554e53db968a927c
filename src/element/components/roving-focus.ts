/** What in a row takes part in walking through it with the arrow keys. */
const CONTROLS = 'a[href], button'

/**
 * Makes a list one stop of the Tab key: Up and Down walk its rows, Home and End go to the first and the last, Right and Left
 * reach what is inside of a row. Returns whether the key was taken.
 */
export function moveFocus(list: HTMLElement, { key, target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement) || isTyping(target)) return false
  const row = target.closest<HTMLElement>('.row')
  if (!row) return false
  switch (key) {
    case 'ArrowUp':
      return focusRow(list, row.previousElementSibling ?? row)
    case 'ArrowDown':
      return focusRow(list, row.nextElementSibling ?? row)
    case 'Home':
      return focusRow(list, list.firstElementChild)
    case 'End':
      return focusRow(list, list.lastElementChild)
    case 'ArrowRight':
      return focusWithin(row, target, 1)
    case 'ArrowLeft':
      return focusWithin(row, target, -1)
    default:
      return false
  }
}

/** Sees to it that exactly one row can be reached by Tab: the one that had the focus last, else the newest. */
export function keepOneStop(list: HTMLElement, current: EventTarget | null): void {
  const row = current instanceof Element ? current.closest<HTMLElement>('.row') : null
  const stops = list.querySelectorAll<HTMLElement>(':scope > [tabindex="0"]')
  const stop = row ?? stops[0] ?? list.lastElementChild
  for (const other of stops) if (other !== stop) other.tabIndex = -1
  if (stop instanceof HTMLElement) stop.tabIndex = 0
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement
}

function focusRow(list: HTMLElement, row: Element | null): boolean {
  if (!(row instanceof HTMLElement)) return false
  keepOneStop(list, row)
  row.focus({ preventScroll: true })
  row.scrollIntoView({ block: 'nearest' })
  return true
}

/** The row itself comes before its first control. */
function focusWithin(row: HTMLElement, from: EventTarget, step: 1 | -1): boolean {
  const stops = [row, ...row.querySelectorAll<HTMLElement>(CONTROLS)]
  const next = stops[stops.findIndex((stop) => stop === from) + step]
  next?.focus()
  return next !== undefined
}
