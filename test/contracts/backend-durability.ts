import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Seq } from '../../src/protocol/ids.ts'
import { ADA, append, edit, fill, readAll, resumed, seqsTo, TEA, textsOf, write } from './backend-helpers.ts'
import type { LogFactory, TestLog } from './backend-helpers.ts'

export function testDurability(createLog: LogFactory): void {
  test('a log opened again is the one that was closed', async (t) => {
    const log = await createLogFor(t, createLog)
    const before = await log.open()
    const [messageId] = await fill(before, ['1', '2'])
    const third = write('3')
    await append(before, third)
    const { position } = await append(before, edit(messageId, 1, '1 again'))
    await before.trim(TEA, 2 as Seq)
    await before.advanceMarker(TEA, ADA, 3 as Seq)
    const pages = await before.readPage(TEA, { limit: 10 })
    const secret = await before.secret('guest')
    await before.close()

    const after = await log.open()
    t.after(() => after.close())
    assert.deepEqual(await after.head(TEA), position)
    assert.deepEqual(await after.readPage(TEA, { limit: 10 }), pages)
    assert.deepEqual(await after.findMessage(TEA, messageId), pages.messages[0])
    assert.deepEqual(resumed(await after.readChanges(TEA, position, 10)).messages, [])
    const trimmed = await after.readChanges(TEA, { ...position, seq: 1 as Seq }, 10)
    assert.deepEqual(trimmed, { status: 'reset', reason: 'trimmed' })
    assert.equal(await after.marker(TEA, ADA), 3)
    assert.deepEqual(await after.secret('guest'), secret)
    assert.equal((await append(after, third)).duplicate, true)
    assert.equal((await append(after, write('5'))).position.seq, 5)
  })

  test('a room of which everything was trimmed goes on where it was when it is opened again', async (t) => {
    const log = await createLogFor(t, createLog)
    const before = await log.open()
    const [messageId] = await fill(before, ['1', '2'])
    const { position } = await append(before, edit(messageId, 1, '1 again'))
    await before.trim(TEA, 3 as Seq)
    await before.close()

    const after = await log.open()
    t.after(() => after.close())
    assert.deepEqual(await after.extent(TEA), { start: position, head: position })
    assert.equal(await after.countMessages(TEA), 0)
    assert.deepEqual(resumed(await after.readChanges(TEA, position, 10)).messages, [])
    assert.equal((await append(after, write('4'))).position.seq, 4)
  })

  test('what was appended when the backend was closed is there when it is opened again', async (t) => {
    const log = await createLogFor(t, createLog)
    const before = await log.open()
    const answers = seqsTo(50).map((n) => before.append(write(String(n))))
    await before.close()
    assert.ok((await Promise.all(answers)).every(({ status }) => status === 'appended'))
    const after = await log.open()
    t.after(() => after.close())
    assert.deepEqual(textsOf(await readAll(after)), seqsTo(50).map(String))
  })
}

async function createLogFor(t: TestContext, createLog: LogFactory): Promise<TestLog> {
  const log = await createLog()
  t.after(() => log.remove())
  return log
}
