/** A key pressed in a box of text. */
export type TextKey = KeyboardEvent & { readonly currentTarget: HTMLTextAreaElement }

/** `keyCode` of a key that an input method took: `isComposing` is already false at the Enter that ends a composition in Safari. */
const IME_KEY_CODE = 229

/** Whether the key sends what was typed. On a screen keyboard, which has no Shift+Enter, Enter adds a line and a button sends. */
export function isSubmitKey({ key, shiftKey, altKey, isComposing, keyCode }: KeyboardEvent): boolean {
  const isPlainEnter = key === 'Enter' && !shiftKey && !altKey && !isComposing && keyCode !== IME_KEY_CODE
  return isPlainEnter && !matchMedia('(pointer: coarse)').matches
}
