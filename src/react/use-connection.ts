import { useCallback, useSyncExternalStore } from 'react'
import type { ChatClient, ConnectionState } from '../client.ts'

/** How a client's connection is. Undefined while there is no client. */
export function useConnection(client: ChatClient | undefined): ConnectionState | undefined {
  const subscribe = useCallback((listener: () => void) => client?.subscribe(listener) ?? nothing, [client])
  return useSyncExternalStore(
    subscribe,
    () => client?.state,
    () => undefined,
  )
}

function nothing(): void {}
