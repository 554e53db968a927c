import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { greet, startServer } from '../helpers.ts'
import type { Frame, TestSocket } from '../helpers.ts'
import { RestartableServer } from './restartable-server.ts'

/** A client in a process of its own, so that it can be killed. */
const CLIENT = `
  import { createChatClient } from './src/client.ts'
  createChatClient({ url: process.argv[1], name: 'Ghost' }).room('tea')
`

function spawnClient(t: TestContext, url: string): ReturnType<typeof spawn> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', CLIENT, url], { stdio: 'inherit' })
  t.after(() => child.kill('SIGKILL'))
  return child
}

function names({ members }: Frame): readonly string[] {
  return (members as readonly { readonly name: string }[]).map(({ name }) => name).toSorted()
}

function presence(socket: TestSocket, ...wanted: readonly string[]): Promise<Frame> {
  return socket.next((frame) => frame['type'] === 'presence' && String(names(frame)) === String(wanted))
}

test(
  'a client that is killed leaves the room for everybody, long before a minute is over',
  { timeout: 60_000 },
  async (t) => {
    const server = await startServer(t)
    const bob = await greet(t, server, 'Bob')
    await bob.ask({ type: 'join', room: 'tea' })
    const client = spawnClient(t, server.url)
    await presence(bob, 'Bob', 'Ghost')
    client.kill('SIGKILL')
    await once(client, 'exit')
    await presence(bob, 'Bob')
  },
)

test('a server that was killed and started again shows nobody who has not come back', async (t) => {
  const server = await RestartableServer.start(t)
  const ghost = await greet(t, server, 'Ghost')
  await ghost.ask({ type: 'join', room: 'tea' })
  await server.kill()
  await ghost.closed
  await server.startAgain()
  const bob = await greet(t, server, 'Bob')
  const joined = await bob.ask({ type: 'join', room: 'tea' })
  assert.equal(joined['type'], 'joined')
  assert.deepEqual(names(await bob.next(({ type }) => type === 'presence')), ['Bob'])
})
