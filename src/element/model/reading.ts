import { effect } from '@preact/signals'
import type { RoomModel } from './room-model.ts'

/** Marks what is on the screen as read, while somebody looks: the tab visible and focused, the list at its end. Returns what ends that. */
export function watchReading(room: RoomModel): () => void {
  const readIfLooking = (): void => {
    const isLooked = room.following.value && document.visibilityState === 'visible' && document.hasFocus()
    if (room.state.value.unread > 0 && isLooked) room.markRead()
  }
  const endEffect = effect(readIfLooking)
  const listening = new AbortController()
  document.addEventListener('visibilitychange', readIfLooking, listening)
  addEventListener('focus', readIfLooking, listening)
  return () => {
    endEffect()
    listening.abort()
  }
}
