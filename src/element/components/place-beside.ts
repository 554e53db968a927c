/** Pixels between a panel and what it belongs to. */
const GAP = 6
/** Pixels that a panel keeps from the edges of the screen. */
const MARGIN = 8
/** Pixels of the chat beside a drawer: a press there closes it. */
const DRAWER_GAP = 48

/** Where a panel stands: with its start or its end in line with what it belongs to, or as a drawer along the chat's own edge. */
export type Place = 'start' | 'end' | 'drawer'

/**
 * Puts `panel` under `anchor`, or over it where there is no room, with their ends in line and all of it on the screen. Keeps it there while
 * messages come and the reader scrolls. Returns what ends that.
 */
export function keepBeside(panel: HTMLElement, anchor: Element, place: Place): () => void {
  const put = (): void =>
    place === 'drawer' ? placeAlong(panel, chatAround(anchor)) : placeBeside(panel, anchor, place)
  put()
  // Of the panel as well: its styles may be younger than it is.
  const resizing = new ResizeObserver(put)
  resizing.observe(panel)
  resizing.observe(chatAround(anchor))
  const listening = new AbortController()
  // The page may scroll, or the list, of which nothing is heard outside of its shadow root. Captured: the event does not bubble.
  for (const root of [window, anchor.getRootNode()])
    root.addEventListener('scroll', put, { capture: true, passive: true, signal: listening.signal })
  addEventListener('resize', put, listening)
  return () => {
    resizing.disconnect()
    listening.abort()
  }
}

/** The chat that `anchor` is a part of. */
export function chatAround(anchor: Element): Element {
  return anchor.closest('.chat') ?? anchor
}

function placeBeside(panel: HTMLElement, anchor: Element, place: 'start' | 'end'): void {
  const { top, bottom, left, right } = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = panel
  const isLeftToRight = getComputedStyle(anchor).direction === 'ltr'
  const below = bottom + GAP
  const fitsBelow = below + height + MARGIN <= innerHeight
  const y = fitsBelow ? below : top - height - GAP
  const x = isLeftToRight === (place === 'end') ? right - width : left
  panel.style.top = `${clamp(y, innerHeight - height)}px`
  panel.style.left = `${clamp(x, innerWidth - width)}px`
}

function clamp(value: number, max: number): number {
  return Math.max(MARGIN, Math.min(value, max - MARGIN))
}

/** Puts `panel` over the start of `box`, as high as that is. */
function placeAlong(panel: HTMLElement, box: Element): void {
  const { top, left, right, width, height } = box.getBoundingClientRect()
  panel.style.top = `${top}px`
  panel.style.blockSize = `${height}px`
  panel.style.inlineSize = `min(${width - DRAWER_GAP}px, 20rem)`
  const isLeftToRight = getComputedStyle(box).direction === 'ltr'
  panel.style.left = `${isLeftToRight ? left : right - panel.offsetWidth}px`
}
