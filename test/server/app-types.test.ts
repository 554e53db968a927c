import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createChat, createMemoryBackend } from '../../src/index.ts'

interface Staff {
  readonly id: string
  readonly name: string
  readonly shifts: readonly number[]
}

// Most of this test is whether it compiles: without a cast, and not where it should not.
test('the types of an app’s users and rooms reach everything it writes for its chat', async (t) => {
  const backend = createMemoryBackend()
  const ada: Staff = { id: 'u1', name: 'Ada', shifts: [1, 2] }
  const chat = createChat({
    backend,
    authenticate: async (): Promise<Staff | null> => ada,
    resolveRoom: (room, user) => ({ title: room, table: user.shifts.length }),
    authorize(user, action, room, details) {
      // @ts-expect-error: no such action
      if (action === 'fly') return true
      // @ts-expect-error: staff have no such field
      assert.equal(user.salary, undefined)
      return user.shifts.includes(details.table) && room.startsWith('table:')
    },
    beforeMessage(message, { user, room }) {
      if (user.shifts.length > room.table) return { refuse: 'not your table' }
      // @ts-expect-error: a message has no such field
      return message.subject === undefined ? undefined : { hold: 'x' }
    },
  })
  t.after(async () => {
    await chat.close()
    await backend.close()
  })
  chat.on('join', ({ user, room }) => assert.ok(user.shifts.length > 0 && room.length > 0))
  // @ts-expect-error: no such event
  chat.on('lunch', () => {})
  const heard: string[] = []
  chat.on('message', ({ room, message }) => heard.push(`${room}: ${message.text} (${message.author.name})`))

  const { messageId, seq } = await chat.post({ room: 'table:2', author: ada, text: 'It is served' })
  await chat.post({ room: 'table:2', author: 'Kitchen', text: 'Dessert?', replyTo: messageId })
  // @ts-expect-error: no member of the staff without shifts
  const stranger: Parameters<typeof chat.post>[0]['author'] = { id: 'u2', name: 'Bob' }
  assert.ok(stranger)
  assert.equal(seq, 1)
  assert.deepEqual(heard, ['table:2: It is served (Ada)', 'table:2: Dessert? (Kitchen)'])
})

test('wrong options of access and hooks are named', () => {
  const backend = createMemoryBackend()
  const wrong = [
    [{ accessTimeoutMs: 0 }, RangeError, /accessTimeoutMs/],
    [{ beforeMessageTimeoutMs: 0, beforeMessage: () => {} }, RangeError, /beforeMessageTimeoutMs/],
    [{ onHookFailure: 'ignore' as 'allow', beforeMessage: () => {} }, TypeError, /onHookFailure/],
    [{ plain: true, authorize: () => true }, TypeError, /plain/],
  ] as const
  for (const [options, kind, says] of wrong) {
    assert.throws(
      () => createChat({ backend, ...options }),
      (error) => error instanceof kind && says.test(error.message),
    )
  }
})
