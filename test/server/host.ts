import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { createChat, createMemoryBackend } from '../../src/index.ts'
import type { ChatMiddleware, ChatMiddlewareOptions } from '../../src/index.ts'

/** A chat for a host to mount, on a backend in memory. Closed after the test. */
export function createTestChat(
  t: TestContext,
  path: string,
  options: Omit<ChatMiddlewareOptions, 'backend' | 'path'> = {},
): ChatMiddleware {
  const backend = createMemoryBackend()
  const chat = createChat({ ...options, backend, path })
  t.after(async () => {
    await chat.close({ spreadMs: 0 })
    await backend.close()
  })
  return chat
}

/** Starts a host's server on a free port of the loopback interface. Closed after the test. */
export async function listen(
  t: TestContext,
  server: Server,
): Promise<{ readonly port: number; readonly url: string; readonly socketUrl: string }> {
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve)
  })
  t.after(() => server.close())
  t.after(() => server.closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { port, url: `http://localhost:${port}`, socketUrl: `ws://localhost:${port}/` }
}

/** A host that answers what the chat leaves to it. */
export function appWith({ handler }: ChatMiddleware): RequestListener {
  return (request, response) => handler(request, response, () => response.end(`the app's own ${request.url}`))
}

export async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text()
}
