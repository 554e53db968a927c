import { EVENTS } from './events.ts'
import type { NatterChatProps } from './natter-chat.ts'

const NOT_WRITTEN: ReadonlySet<string> = new Set([...Object.keys(EVENTS), 'tokenProvider', 'client', 'children'])

/** What React is to write on the element, by the names that HTML has for it. */
export function attributesOf(props: NatterChatProps): Record<string, unknown> {
  const { tokenUrl, className, popup, open, rooms, autoFocus, ...rest } = props
  const others = Object.entries(rest).filter(([name]) => !NOT_WRITTEN.has(name))
  return {
    ...Object.fromEntries(others),
    'token-url': tokenUrl,
    class: className,
    // React 18 writes `false` as an attribute that is there. React 19 sets properties, for which an empty text is no `true`.
    popup: popup || undefined,
    open: open || undefined,
    rooms: rooms || undefined,
    autofocus: autoFocus || undefined,
  }
}
