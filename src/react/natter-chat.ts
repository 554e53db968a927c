import { createElement, forwardRef, useImperativeHandle, useRef } from 'react'
import type { CSSProperties, ReactNode } from 'react'
import type { ChatClient, TokenProvider } from '../client.ts'
import { NatterChat as NatterChatElement } from '../element.ts'
import type { NatterChatEventMap, Theme } from '../element.ts'
import { attributesOf } from './attributes.ts'
import { EVENTS } from './events.ts'
import { useEarlyEffect, useLatest } from './use-latest.ts'

type EventProps = {
  readonly [Prop in keyof typeof EVENTS]?: ((event: NatterChatEventMap[(typeof EVENTS)[Prop]]) => void) | undefined
}

/** The attributes and properties of `<natter-chat>`, as `docs/element.md` describes them. */
export interface NatterChatProps extends EventProps {
  readonly src?: string | undefined
  readonly room?: string | undefined
  readonly name?: string | undefined
  readonly tokenUrl?: string | undefined
  /** Need not be the same function each time: the newest one is called. Where the user becomes another one, give another `key`. */
  readonly tokenProvider?: TokenProvider | undefined
  /** A client of yours, say of `useChatClient()`, to talk through. Given as undefined, it is waited for. */
  readonly client?: ChatClient | undefined
  readonly theme?: Theme | undefined
  readonly popup?: boolean | undefined
  readonly open?: boolean | undefined
  readonly rooms?: boolean | undefined
  readonly autoFocus?: boolean | undefined
  readonly id?: string | undefined
  readonly className?: string | undefined
  readonly style?: CSSProperties | undefined
  /** What is shown until the chat is there, and without JavaScript: a link to the chat's own page, say. */
  readonly children?: ReactNode
}

/** `<natter-chat>` as a component. Its ref is the element, with all its methods. */
export const NatterChat = forwardRef<NatterChatElement, NatterChatProps>(function NatterChat(props, ref) {
  const { tokenProvider, client, children } = props
  const element = useRef<NatterChatElement>(null)
  const latest = useLatest(props)
  const hasProvider = tokenProvider !== undefined

  useImperativeHandle(ref, () => element.current as NatterChatElement, [])

  // Importing the element has defined it already, unless a bundler took that import for one without an effect.
  useEarlyEffect(() => NatterChatElement.define(), [])

  useEarlyEffect(() => {
    const provider: TokenProvider = (refused) => latest.current.tokenProvider?.(refused)
    if (element.current) element.current.tokenProvider = hasProvider ? provider : undefined
  }, [hasProvider, latest])

  // A client that is to come, as from useChatClient(), is waited for: the element would make one of its own meanwhile.
  const clientOrNone = 'client' in props ? (client ?? null) : undefined
  useEarlyEffect(() => {
    if (element.current) element.current.client = clientOrNone
  }, [clientOrNone])

  useEarlyEffect(() => {
    const listening = new AbortController()
    for (const [prop, type] of Object.entries(EVENTS)) {
      element.current?.addEventListener(
        type,
        (event: Event) => {
          const listener = latest.current[prop as keyof typeof EVENTS] as ((event: Event) => void) | undefined
          if (event.target === element.current) listener?.(event)
        },
        listening,
      )
    }
    return () => listening.abort()
  }, [latest])

  return createElement('natter-chat', { ...attributesOf(props), ref: element }, children)
})
