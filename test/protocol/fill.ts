import type { TestContext } from 'node:test'
import type { AckEvent } from '../../src/protocol/events.ts'
import { greet } from './peer.ts'
import { newKey } from './target.ts'

/** As many writes as one connection has free by default. */
const WRITES_PER_CONNECTION = 20

/** Posts messages in their order, by as many guests as it takes to stay within the rate limit. */
export async function fill(
  t: TestContext,
  url: string,
  room: string,
  texts: readonly string[],
): Promise<readonly AckEvent[]> {
  const acks: AckEvent[] = []
  for (let from = 0; from < texts.length; from += WRITES_PER_CONNECTION) {
    const peer = await greet(t, url, 'Filler')
    const ids = texts
      .slice(from, from + WRITES_PER_CONNECTION)
      .map((text) => peer.send({ type: 'post', room, key: newKey(), text }))
    for (const id of ids) acks.push(await peer.answer('ack', id))
    peer.ws.close()
  }
  return acks
}

/** `count` texts: "1", "2", "3" … */
export function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1))
}
