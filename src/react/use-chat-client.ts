import { useEffect, useRef, useState } from 'react'
import { createChatClient } from '../client.ts'
import type { ChatClient, TokenProvider } from '../client.ts'
import { useLatest } from './use-latest.ts'

export interface UseChatClientOptions {
  /** Where the chat is. Another address is another client. */
  readonly url: string
  /** A guest's handle. */
  readonly name?: string | undefined
  /** Returns what proves who the user is. Need not be the same function each time: the newest one is called. */
  readonly token?: TokenProvider | undefined
}

/**
 * A client of a chat for as long as the component is there. Undefined where React renders to a string, and until it has mounted.
 *
 * Where the user becomes another one, give the component another `key`.
 */
export function useChatClient({ url, name, token }: UseChatClientOptions): ChatClient | undefined {
  const [client, setClient] = useState<ChatClient>()
  const latest = useLatest({ name, token })
  const hasToken = token !== undefined
  const said = useRef(name)

  useEffect(() => {
    const provider: TokenProvider = (refused) => latest.current.token?.(refused)
    said.current = latest.current.name
    const created = createChatClient({ url, name: said.current, token: hasToken ? provider : undefined })
    setClient(created)
    return () => {
      created.close()
      setClient(undefined)
    }
  }, [url, hasToken, latest])

  useEffect(() => {
    if (client === undefined || name === undefined || name === said.current) return
    said.current = name
    client.setName(name)
  }, [client, name])

  return client
}
