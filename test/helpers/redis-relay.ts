import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A bad line between a backend and a Redis. */
export interface RedisRelay {
  /** `redis://127.0.0.1:…` */
  readonly url: string
  /** The port new connections lead to. */
  target: number
  /** Whether new connections are taken. True at first; false resets them. */
  isUp: boolean
  /** Resets every connection. */
  cut(): void
  /** From now on nothing gets through on the connections there are, and nobody is told. */
  freeze(which?: 'all' | 'subscribers' | 'commands'): void
  thaw(): void
  /** Milliseconds by which answers come later. 0 at first. */
  delayMs: number
  /** Swallows what is published in rooms, and lets all else through. */
  isLosing: boolean
  /** Takes new connections and lets nothing of them through, ever. */
  isBlackHole: boolean
}

interface Line {
  readonly client: Socket
  readonly server: Socket
  isSubscriber: boolean
}

/** A relay to a Redis on `target`, closed after the test. */
export async function startRelay(t: TestContext, target: number): Promise<RedisRelay> {
  const lines = new Set<Line>()
  const swallowed = new Set<Socket>()
  const listener = createServer((client) => {
    if (!relay.isUp) {
      client.resetAndDestroy()
      return
    }
    if (relay.isBlackHole) {
      swallowed.add(client.on('error', () => {}))
      return
    }
    const line = { client, server: connect(relay.target, '127.0.0.1'), isSubscriber: false }
    lines.add(line)
    carry(line)
  })

  function carry(line: Line): void {
    const { client, server } = line
    client.on('data', (bytes) => {
      line.isSubscriber ||= bytes.includes('ssubscribe')
      server.write(bytes)
    })
    // One after another: two timers may change places.
    let written = Promise.resolve()
    server.on('data', (bytes) => {
      if (relay.isLosing && isPublication(bytes)) return
      const due = relay.delayMs > 0 ? new Promise((resolve) => setTimeout(resolve, relay.delayMs)) : undefined
      written = written.then(() => due).then(() => void client.write(bytes))
    })
    for (const [end, other] of [
      [client, server],
      [server, client],
    ] as const) {
      end.on('error', () => {})
      end.on('close', () => {
        lines.delete(line)
        other.destroy()
      })
    }
  }

  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const relay: RedisRelay = {
    url: `redis://127.0.0.1:${port}`,
    target,
    isUp: true,
    isLosing: false,
    isBlackHole: false,
    delayMs: 0,
    cut() {
      for (const { client } of lines) client.resetAndDestroy()
    },
    freeze(which = 'all') {
      for (const { client, server, isSubscriber } of lines) {
        if (which !== 'all' && isSubscriber !== (which === 'subscribers')) continue
        client.pause()
        server.pause()
      }
    },
    thaw() {
      for (const { client, server } of lines) {
        client.resume()
        server.resume()
      }
    },
  }
  t.after(() => {
    relay.cut()
    for (const client of swallowed) client.destroy()
    listener.close()
  })
  return relay
}

function isPublication(bytes: Buffer | string): boolean {
  return bytes.includes('smessage') && !bytes.includes(':probe:')
}
