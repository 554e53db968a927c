import { isTyping } from './roving-focus.ts'

/** Walks the buttons and links of a panel by the arrow keys, as they stand on the screen. Returns whether the key was taken. */
export function moveAmongButtons(panel: HTMLElement, { key, target }: KeyboardEvent): boolean {
  const buttons = [...panel.querySelectorAll<HTMLElement>('button, a[href]')]
  const index = buttons.findIndex((button) => button === target)
  if (index < 0 || isTyping(target)) return false
  switch (key) {
    case 'ArrowLeft':
      return focus(buttons[index - 1])
    case 'ArrowRight':
      return focus(buttons[index + 1])
    case 'ArrowUp':
      return focus(nearestBeyond(buttons, index, -1))
    case 'ArrowDown':
      return focus(nearestBeyond(buttons, index, 1))
    case 'Home':
      return focus(buttons[0])
    case 'End':
      return focus(buttons.at(-1))
    default:
      return false
  }
}

/** At an end the focus stays where it is; the key is taken all the same, or it would scroll the page. */
function focus(button: HTMLElement | undefined): true {
  button?.focus()
  return true
}

/** In the next line up or down, the button that is most nearly in the same column. */
function nearestBeyond(buttons: readonly HTMLElement[], index: number, direction: 1 | -1): HTMLElement | undefined {
  const boxes = buttons.map((button) => ({ button, box: button.getBoundingClientRect() }))
  const from = boxes[index]?.box
  if (!from) return undefined
  const distance = (box: DOMRect): number => (box.top - from.top) * direction * 1_000 + Math.abs(box.left - from.left)
  return boxes
    .filter(({ box }) => (box.top - from.top) * direction > 1)
    .toSorted((a, b) => distance(a.box) - distance(b.box))[0]?.button
}
