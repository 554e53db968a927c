import { effect, signal } from '@preact/signals'
import type { RoomModel } from './room-model.ts'

/**
 * Marks what is on the screen as read, while somebody looks: the tab visible and focused, `box` within it, the list at its end. Returns
 * what ends that.
 */
export function watchReading(room: RoomModel, box: Element): () => void {
  const isOnScreen = signal(false)
  const readIfLooking = (): void => {
    const isAtEnd = room.following.value && isOnScreen.value
    const isLooked = isAtEnd && document.visibilityState === 'visible' && document.hasFocus()
    if (room.state.value.unread > 0 && isLooked) room.markRead()
  }
  const endEffect = effect(readIfLooking)
  const observer = new IntersectionObserver((entries) => {
    isOnScreen.value = entries.at(-1)?.isIntersecting ?? false
  })
  observer.observe(box)
  const listening = new AbortController()
  document.addEventListener('visibilitychange', readIfLooking, listening)
  addEventListener('focus', readIfLooking, listening)
  return () => {
    endEffect()
    observer.disconnect()
    listening.abort()
  }
}
