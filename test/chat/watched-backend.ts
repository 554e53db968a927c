import type { Backend, RoomListener } from '../../src/backend/backend.ts'
import { createMemoryBackend } from '../../src/backend/memory.ts'
import { SimulatedClock } from './simulation.ts'

export interface Watched {
  readonly backend: Backend
  readonly clock: SimulatedClock
  /** What listens now, in the order it began to. */
  readonly listeners: RoomListener[]
  /** Held back: each subscription, once it has begun. */
  hold: Promise<void> | undefined
}

/** A memory backend whose listeners can be told of a reset, as a store restored from a backup tells them. */
export function watchedBackend(): Watched {
  const clock = new SimulatedClock()
  const backend = createMemoryBackend({ environment: clock })
  const watched: Watched = { backend, clock, listeners: [], hold: undefined }
  const subscribe = backend.subscribe.bind(backend)
  backend.subscribe = async (room, listener) => {
    const subscription = await subscribe(room, listener)
    watched.listeners.push(listener)
    await watched.hold
    return {
      head: subscription.head,
      close() {
        watched.listeners.splice(watched.listeners.indexOf(listener), 1)
        subscription.close()
      },
    }
  }
  return watched
}
