/** What has the focus in the same tree as `element`. */
export function focusedBeside(element: Element): HTMLElement | null {
  const root = element.getRootNode()
  const focused = root instanceof ShadowRoot ? root.activeElement : document.activeElement
  return focused instanceof HTMLElement ? focused : null
}
