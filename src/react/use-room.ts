import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { ChatClient, Room, RoomState } from '../client.ts'

export interface OpenRoom {
  readonly room: Room
  /** What there is to show; another object each time that something in it changed. */
  readonly state: RoomState
}

interface Held {
  readonly client: ChatClient
  readonly room: Room
}

/**
 * A room of that client, joined for as long as a component uses it. Undefined while there is no client, and until the component has
 * mounted.
 *
 * @throws {RangeError} where no room can have that name.
 */
export function useRoom(client: ChatClient | undefined, name: string): OpenRoom | undefined {
  const [held, setHeld] = useState<Held>()
  // After another name or client was given, what was held before is not it.
  const room = held?.client === client && held?.room.name === name ? held.room : undefined

  useEffect(() => {
    if (client === undefined) return undefined
    const hold = client.hold(name)
    setHeld({ client, room: hold.room })
    return () => {
      hold.release()
      setHeld(undefined)
    }
  }, [client, name])

  const subscribe = useCallback((listener: () => void) => room?.subscribe(listener) ?? nothing, [room])
  const state = useSyncExternalStore(
    subscribe,
    () => room?.state,
    () => undefined,
  )
  return useMemo(() => (room && state ? { room, state } : undefined), [room, state])
}

function nothing(): void {}
