import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { greet, temporaryFolder } from '../helpers.ts'
import type { Frame, TestSocket } from '../helpers.ts'
import { runNatter, startServerProcess } from '../server-process.ts'
import type { ServerProcess } from '../server-process.ts'
import { assertFails } from './refusal.ts'

test('natter keeps what it is told to, and a chat that is moved is as it was', async (t) => {
  const folder = await temporaryFolder(t)
  const [data, file, copy] = [join(folder, 'data'), join(folder, 'chat.jsonl'), join(folder, 'copy')]
  const before = await startServerProcess(t, { args: ['--data', data] })
  const ada = await greet(t, before)
  const positions = await post(ada, 'lobby', ['1', '2', '3', '4', '5'])
  await post(ada, 'order:1', ['6', '7', '8'])
  await stop(before)

  const args = ['--data', data, '--keep-messages', '2', '--keep-messages', 'order:*=0', '--keep-for', '30d']
  const keeping = await startServerProcess(t, { args })
  await untilTrimmed(keeping, 3)
  const bob = await greet(t, keeping, 'Bob')
  assert.deepEqual(
    [await textsIn(bob, 'lobby'), await textsIn(bob, 'order:1')],
    [
      ['4', '5'],
      ['6', '7', '8'],
    ],
  )
  await assertComesBack(bob, positions)
  assert.deepEqual(
    keeping.lines.filter((line) => line.includes('trim')),
    [],
    'nothing of it is in the log',
  )
  await stop(keeping)

  assert.equal((await runNatter(t, { args: ['export', '--data', data, '--output', file] })).code, 0)
  assert.equal((await runNatter(t, { args: ['import', '--data', copy, '--input', file] })).code, 0)
  const moved = await startServerProcess(t, { args: ['--data', copy], env: { NATTER_KEEP_MESSAGES: 'order:*=1' } })
  await untilTrimmed(moved, 2)
  const eve = await greet(t, moved, 'Eve')
  assert.deepEqual([await textsIn(eve, 'lobby'), await textsIn(eve, 'order:1')], [['4', '5'], ['8']])
  await assertComesBack(eve, positions)
})

test('a bound that cannot be read fails with one line that says what to write', async (t) => {
  await assertFails(t, { args: ['--keep-for', '30'] }, /--keep-for: must be a time like 15s, 2m or 30d, or 0, not "30"/)
  await assertFails(t, { env: { NATTER_KEEP_MESSAGES: 'many' } }, /NATTER_KEEP_MESSAGES: must be a whole number/)
  await assertFails(t, { args: ['--keep-messages', 'a b=3'] }, /--keep-messages: must be a value, or <room>=<value>/)
})

/** Of the five messages the last two are there: a client that has the first comes too late, one that has the third does not. */
async function assertComesBack(socket: TestSocket, positions: readonly Frame[]): Promise<void> {
  const [first, , third] = positions
  const late = await socket.ask({ type: 'join', room: 'lobby', since: first })
  assert.deepEqual([late['resumed'], late['reset'], late['head']], [false, 'trimmed', 5])
  const resumed = await socket.ask({ type: 'join', room: 'lobby', since: third })
  assert.deepEqual([resumed['resumed'], (resumed['messages'] as readonly unknown[]).length], [true, 2])
}

async function post(socket: TestSocket, room: string, texts: readonly string[]): Promise<Frame[]> {
  const positions: Frame[] = []
  for (const text of texts) {
    const ack = await socket.ask({ type: 'post', room, key: `key-${room}-${text}`.replace(':', '-'), text })
    positions.push(ack['position'] as Frame)
  }
  return positions
}

async function textsIn(socket: TestSocket, room: string): Promise<unknown[]> {
  const page = await socket.ask({ type: 'history', room })
  return (page['messages'] as readonly Frame[]).map(({ text }) => text)
}

/** Resolves once the server has removed so many messages. */
async function untilTrimmed({ url }: ServerProcess, messages: number): Promise<void> {
  const line = new RegExp(`^natter_trimmed_messages_total ${messages}$`, 'm')
  while (!line.test(await (await fetch(`${url}/metrics`)).text()));
}

async function stop(server: ServerProcess): Promise<void> {
  server.child.kill('SIGTERM')
  await server.exited
}
