import type { JSX } from 'preact'
import { lazy } from '../model/lazy.ts'

const linkSplitter = lazy(async () => (await import('../text/links.ts')).splitLinks)

/** What every address has. Most messages have none of it, and a page that shows only such does without the library. */
const HINT = /\S[.:@]\S/

/**
 * Text as it was typed, with its links. Made of nodes, never of markup. Until the library that finds links is there they are shown as
 * text, which takes the same room.
 */
export function LinkedText({ text }: { readonly text: string }): JSX.Element {
  if (!HINT.test(text)) return <>{text}</>
  linkSplitter.request()
  const parts = linkSplitter.value?.(text) ?? [{ text }]
  return (
    <>
      {parts.map(({ text: part, href }, index) =>
        href === undefined ? (
          part
        ) : (
          <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow ugc" tabIndex={-1}>
            {part}
          </a>
        ),
      )}
    </>
  )
}
