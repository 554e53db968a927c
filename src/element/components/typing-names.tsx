import type { JSX } from 'preact'

/** Who is typing, and that they are at it. */
export function TypingNames({ names }: { readonly names: readonly string[] }): JSX.Element {
  return (
    <>
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span class="who">{sentence(names)}</span>
    </>
  )
}

function sentence([first, second, third]: readonly string[]): string {
  if (third !== undefined) return 'Several people are typing…'
  if (second !== undefined) return `${first} and ${second} are typing…`
  return `${first} is typing…`
}
