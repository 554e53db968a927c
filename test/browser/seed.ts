import type { Backend } from '../../src/index.ts'
import type { Key, MessageId, RoomId, UserId } from '../../src/protocol/ids.ts'

export interface SeedMessage {
  readonly text: string
  /** Defaults to Ann. */
  readonly author?: string
  /** Milliseconds since the Unix epoch. Defaults to now. */
  readonly postedAt?: number
}

/** Puts messages into a room's log as the chat would have, at whatever time they are to be from. */
export async function seed(backend: Backend, room: string, messages: readonly SeedMessage[]): Promise<void> {
  const stamp = Date.now().toString(36)
  await Promise.all(
    messages.map(({ text, author = 'Ann', postedAt = Date.now() }, index) => {
      const sender = `u-${author}` as UserId
      const key = `seed-${stamp}-${index}` as Key
      const id = `m-${stamp}-${index}` as MessageId
      const body = JSON.stringify({ id, key, author: { id: sender, name: author }, text, postedAt })
      return backend.append({ room: room as RoomId, sender, key, digest: text, messageId: id, body })
    }),
  )
}

/** `count` messages that say `1`, `2`, `3` … */
export function numbered(count: number): SeedMessage[] {
  return Array.from({ length: count }, (_, index) => ({ text: `message ${index + 1}` }))
}
