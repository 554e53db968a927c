import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A bad line between clients and a server: TCP through it can be cut, frozen or refused. */
export interface Proxy {
  readonly port: number
  /** `ws://localhost:…/` */
  readonly socketUrl: string
  /** Whether new connections are taken. True at first; false resets them. */
  isUp: boolean
  /** Resets every connection, as when a cable is pulled: neither side gets a close frame. */
  cut(): void
  /** From now on nothing gets through, and nobody is told. */
  freeze(): void
  /** What was held back gets through, and all that follows. */
  thaw(): void
}

/** A proxy to a port of this machine, closed after the test. */
export async function startProxy(t: TestContext, targetPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>()
  let isFrozen = false
  const server = createServer((client) => {
    if (!proxy.isUp) {
      client.resetAndDestroy()
      return
    }
    const target = connect(targetPort, 'localhost')
    join(client, target)
    join(target, client)
  })

  function join(from: Socket, to: Socket): void {
    sockets.add(from)
    from.on('data', (bytes) => to.write(bytes))
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    if (isFrozen) from.pause()
  }

  const proxy: Proxy = {
    get port() {
      return (server.address() as AddressInfo).port
    },
    get socketUrl() {
      return `ws://localhost:${this.port}/`
    },
    isUp: true,
    cut() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    freeze() {
      isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      isFrozen = false
      for (const socket of sockets) socket.resume()
    },
  }

  const { promise: listening, resolve } = Promise.withResolvers<void>()
  server.listen(0, 'localhost', resolve)
  await listening
  t.after(() => {
    proxy.cut()
    server.close()
  })
  return proxy
}
