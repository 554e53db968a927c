/** Milliseconds that a finger has to rest. */
const HOLD_MS = 450
/** Pixels that a resting finger may stray. */
const SLACK_PX = 10

/**
 * Calls `onPress` with the row in `box` that a finger rested on, once the finger is lifted: a panel that opened under it would take the lifting
 * for a tap outside. Returns what ends that.
 */
export function watchLongPress(box: HTMLElement, onPress: (row: HTMLElement) => void): () => void {
  let held: { readonly row: HTMLElement; readonly x: number; readonly y: number; readonly timer: number } | undefined
  let isDue = false

  const end = (): void => {
    clearTimeout(held?.timer)
    held?.row.classList.remove('held')
    held = undefined
    isDue = false
  }
  const start = ({ pointerType, isPrimary, target, clientX, clientY }: PointerEvent): void => {
    end()
    const row = target instanceof Element ? target.closest<HTMLElement>('.row') : null
    if (pointerType !== 'touch' || !isPrimary || !row || isInteractive(target)) return
    const timer = window.setTimeout(() => {
      isDue = true
      row.classList.add('held')
    }, HOLD_MS)
    held = { row, x: clientX, y: clientY, timer }
  }
  const move = ({ clientX, clientY }: PointerEvent): void => {
    if (held && Math.hypot(clientX - held.x, clientY - held.y) > SLACK_PX) end()
  }
  const lift = (): void => {
    const row = isDue ? held?.row : undefined
    end()
    if (row) setTimeout(() => onPress(row))
  }
  /** The browser's own menu for a long press would take the finger away. */
  const refuseMenu = (event: MouseEvent): void => {
    if (held) event.preventDefault()
  }

  const listening = new AbortController()
  box.addEventListener('pointerdown', start, listening)
  box.addEventListener('pointermove', move, listening)
  box.addEventListener('pointerup', lift, listening)
  box.addEventListener('pointercancel', end, listening)
  box.addEventListener('contextmenu', refuseMenu, listening)
  return () => {
    end()
    listening.abort()
  }
}

/** Links, buttons and boxes have a long press of their own. */
function isInteractive(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a, button, textarea') !== null
}
