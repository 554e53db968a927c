import { LinkifyIt } from 'linkify-it'

/** A stretch of a message's text. A link's `text` is what was typed, its `href` where it leads. */
export type TextPart =
  { readonly text: string; readonly href?: undefined } | { readonly text: string; readonly href: string }

/** Without a scheme only these are taken for hosts, so that a `README.md` or a `node.js` stays text. */
const BARE_TLDS = ['com', 'net', 'org', 'edu', 'gov', 'info', 'dev', 'app']
const SAFE_PROTOCOLS = new Set(['http:', 'https:', 'mailto:'])

const linkify = new LinkifyIt({ fuzzyLink: true, tlds: BARE_TLDS }).add('ftp:', null).add('//', null)

/** Splits text at its links. The parts' texts, joined, are the text. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const { index, raw, url } of linkify.match(text) ?? []) {
    // "really?!" ends a sentence, not an address; the library leaves out one mark only.
    const surplus = /[?!.,:;]*$/.exec(raw)?.[0].length ?? 0
    const href = url.slice(0, url.length - surplus)
    if (!isSafe(href)) continue
    if (index > end) parts.push({ text: text.slice(end, index) })
    end = index + raw.length - surplus
    parts.push({ text: text.slice(index, end), href })
  }
  if (end < text.length) parts.push({ text: text.slice(end) })
  return parts
}

function isSafe(url: string): boolean {
  return URL.canParse(url) && SAFE_PROTOCOLS.has(new URL(url).protocol)
}
