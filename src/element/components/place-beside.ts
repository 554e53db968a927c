const MARGIN = 8

/** Puts `panel` under `anchor`, or over it where there is no room, with their ends in line and all of it on the screen. */
export function placeBeside(panel: HTMLElement, anchor: Element): void {
  const { top, bottom, left, right } = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = panel
  const isLeftToRight = getComputedStyle(anchor).direction === 'ltr'
  const below = bottom + MARGIN
  const fitsBelow = below + height + MARGIN <= innerHeight
  const y = fitsBelow ? below : top - height - MARGIN
  panel.style.top = `${clamp(y, innerHeight - height)}px`
  panel.style.left = `${clamp(isLeftToRight ? right - width : left, innerWidth - width)}px`
}

function clamp(value: number, max: number): number {
  return Math.max(MARGIN, Math.min(value, max - MARGIN))
}
