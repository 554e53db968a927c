const MARGIN = 8
/** Pixels of the chat beside a drawer: a press there closes it. */
const DRAWER_GAP = 48

/** Where a panel stands: with its start or its end in line with what it belongs to, or as a drawer along the chat's own edge. */
export type Place = 'start' | 'end' | 'drawer'

/** Puts `panel` under `anchor`, or over it where there is no room, with their ends in line and all of it on the screen. */
export function placeBeside(panel: HTMLElement, anchor: Element, place: Place): void {
  if (place === 'drawer') return placeAlong(panel, chatAround(anchor))
  const { top, bottom, left, right } = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = panel
  const isLeftToRight = getComputedStyle(anchor).direction === 'ltr'
  const below = bottom + MARGIN
  const fitsBelow = below + height + MARGIN <= innerHeight
  const y = fitsBelow ? below : top - height - MARGIN
  const x = isLeftToRight === (place === 'end') ? right - width : left
  panel.style.top = `${clamp(y, innerHeight - height)}px`
  panel.style.left = `${clamp(x, innerWidth - width)}px`
}

function clamp(value: number, max: number): number {
  return Math.max(MARGIN, Math.min(value, max - MARGIN))
}

/** The chat that `anchor` is a part of. */
export function chatAround(anchor: Element): Element {
  return anchor.closest('.chat') ?? anchor
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
