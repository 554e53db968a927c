// A host that has a chat as its guest, and tells what the chat did to it once it has ended by itself. Run by guest.test.ts
// with a folder for the messages.
import { EventEmitter, once } from 'node:events'
import { createServer, IncomingMessage, OutgoingMessage, Server, ServerResponse } from 'node:http'
import { Server as NetServer, Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Duplex, Readable, Writable } from 'node:stream'
import type { Room } from '../../src/client.ts'

/** What a library could replace for everybody in a process. */
const SHARED: Readonly<Record<string, object>> = {
  globalThis,
  console,
  process,
  Math,
  JSON,
  fetch,
  ...prototypesOf({
    Request,
    Response,
    Headers,
    URL,
    Blob,
    FormData,
    ReadableStream,
    AbortSignal,
    EventTarget,
    WebSocket,
  }),
  ...prototypesOf({ Object, Array, String, Promise, Map, Set, Error, Function, Uint8Array, Buffer }),
  ...prototypesOf({ Server, IncomingMessage, OutgoingMessage, ServerResponse, NetServer, Socket }),
  ...prototypesOf({ EventEmitter, Duplex, Readable, Writable }),
}

type Snapshot = Readonly<Record<string, Readonly<Record<PropertyKey, PropertyDescriptor>>>>

function prototypesOf(classes: Readonly<Record<string, { readonly prototype: object }>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(classes).flatMap(([name, type]) => [
      [name, type],
      [`${name}.prototype`, type.prototype],
    ]),
  )
}

function takeSnapshot(): Snapshot {
  return Object.fromEntries(
    Object.entries(SHARED).map(([name, object]) => [name, Object.getOwnPropertyDescriptors(object)]),
  )
}

/** Properties that are other ones than before, by name, and those that were not there. */
function changesBetween(before: Snapshot, after: Snapshot): { readonly replaced: string[]; readonly added: string[] } {
  const [replaced, added]: [string[], string[]] = [[], []]
  for (const [name, old] of Object.entries(before)) {
    const now = after[name] ?? {}
    for (const key of new Set([...Reflect.ownKeys(old), ...Reflect.ownKeys(now)])) {
      if (!Object.hasOwn(old, key)) added.push(`${name}.${String(key)}`)
      else if (!isSame(old[key], now[key])) replaced.push(`${name}.${String(key)}`)
    }
  }
  return { replaced, added }
}

function isSame(a: PropertyDescriptor | undefined, b: PropertyDescriptor | undefined): boolean {
  return Object.is(a?.value, b?.value) && a?.get === b?.get && a?.set === b?.set && a?.writable === b?.writable
}

/** Node makes some globals when they are first used; made now, they do not look replaced later. */
function useEveryGlobal(): void {
  // Reading these prints a warning.
  const others = Object.getOwnPropertyNames(globalThis).filter((name) => !name.endsWith('Storage'))
  for (const name of others) Reflect.get(globalThis, name)
}

async function host(): Promise<void> {
  const { createChat, createSqliteBackend } = await import('../../src/index.ts')
  const backend = createSqliteBackend({ file: join(process.argv[2] ?? '', 'chat.db') })
  const chat = createChat({ backend, path: '/chat' })
  const server = createServer((request, response) => chat.handler(request, response, () => response.end()))
  chat.attach(server)
  await once(server.listen(0, 'localhost'), 'listening')
  const { port } = server.address() as AddressInfo
  await visit(`localhost:${port}`)
  server.close()
  await chat.close({ spreadMs: 0 })
  await backend.close()
}

/** Uses what there is of a chat: pages, numbers, refusals, and two people who talk. */
async function visit(address: string): Promise<void> {
  for (const path of ['chat', 'chat/element.js', 'chat/ready', 'chat/metrics', 'chat/nothing', 'chat/r/tea', '']) {
    await (await fetch(`http://${address}/${path}`)).text()
  }
  await (await fetch(`http://${address}/chat`, { method: 'POST', body: '{}' })).text()
  const refused = new WebSocket(`ws://${address}/nowhere`)
  await once(refused, 'error')
  const { createChatClient } = await import('../../src/client.ts')
  const clients = ['Ada', 'Bob'].map((name) => createChatClient({ url: `ws://${address}/chat`, name }))
  const [ada, bob] = clients.map((client) => client.room('tea')) as [Room, Room]
  ada.post('hi')
  await new Promise<void>((resolve) => {
    bob.subscribe(() => {
      if (bob.state.messages.some(({ text }) => text === 'hi')) resolve()
    })
  })
  for (const client of clients) client.close()
}

useEveryGlobal()
const before = takeSnapshot()
const listenersBefore = process.eventNames()
await host()
process.once('beforeExit', () => {
  const listeners = process.eventNames().filter((name) => !listenersBefore.includes(name))
  process.stdout.write(JSON.stringify({ ...changesBetween(before, takeSnapshot()), listeners: listeners.map(String) }))
})
