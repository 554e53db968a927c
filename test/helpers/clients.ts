import type { TestContext } from 'node:test'
import { createChatClient } from '../../src/client.ts'
import type { ChatClient, ChatClientOptions, Room } from '../../src/client.ts'

/** An SDK client that reconnects at once, closed after the test. */
export function startClient(t: TestContext, options: ChatClientOptions): ChatClient {
  const chat = createChatClient({ ...options, environment: { random: () => 0, ...options.environment } })
  t.after(() => chat.close())
  return chat
}

/** Resolves once the room's state is as `holds` says: now, or after a change. */
export function until(room: Room, holds: (state: Room['state']) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (!holds(room.state)) return
      stop()
      resolve()
    }
    const stop = room.subscribe(check)
    check()
  })
}

/** Resolves once the room shows that many messages of the log, to their texts. */
export async function storedTexts(room: Room, count: number): Promise<string[]> {
  const stored = (): string[] => room.state.messages.filter(({ seq }) => seq !== undefined).map(({ text }) => text)
  await until(room, () => stored().length >= count)
  return stored()
}
