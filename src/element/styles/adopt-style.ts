/** One sheet for each text, shared by all roots of the page. */
const sheets = new Map<string, CSSStyleSheet>()

/** Gives a shadow root a style sheet, once. Constructed, because a `<style>` would need an exception in the security policy. */
export function adoptStyle(root: ShadowRoot, css: string): void {
  const sheet = sheets.get(css) ?? createSheet(css)
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
}

/** Gives the shadow root around `element` a style sheet: for parts that are loaded later than the rest. */
export function bringStyle(element: Element | null, css: string): void {
  const root = element?.getRootNode()
  if (root instanceof ShadowRoot) adoptStyle(root, css)
}

function createSheet(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  sheets.set(css, sheet)
  return sheet
}
