import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Epoch, MessageId, Seq, Tag } from '../../src/protocol/ids.ts'
import { MAX_PAGE_UNITS } from '../../src/protocol/limits.ts'
import {
  append,
  COFFEE,
  edit,
  fill,
  openBackend,
  resumed,
  seqsTo,
  start,
  TEA,
  textsOf,
  write,
} from './backend-helpers.ts'
import type { LogFactory } from './backend-helpers.ts'

export function testCatchUp(createLog: LogFactory): void {
  test('a reader gets each message that changed since, once, by rev, in its newest state', async (t) => {
    const backend = await openBackend(t, createLog)
    const [first] = await fill(backend, ['1', '2', '3'])
    const since = await backend.head(TEA)
    await append(backend, edit(first, 1, '1 once'))
    await append(backend, write('4'))
    await append(backend, edit(first, 4, '1 twice'))
    const head = await backend.head(TEA)
    const { messages, ...rest } = resumed(await backend.readChanges(TEA, since, 100))
    assert.deepEqual(textsOf(messages), ['4', '1 twice'])
    assert.deepEqual(
      messages.map(({ seq, rev }) => [seq, rev]),
      [
        [5, 5],
        [1, 6],
      ],
    )
    assert.deepEqual(rest, { status: 'resumed', position: head, head })
  })

  test('a reader at the head gets nothing', async (t) => {
    const backend = await openBackend(t, createLog)
    await fill(backend, ['1'])
    const head = await backend.head(TEA)
    assert.deepEqual(await backend.readChanges(TEA, head, 100), {
      status: 'resumed',
      messages: [],
      position: head,
      head,
    })
  })

  test('every position there ever was can be resumed from, also that of a change that others replaced', async (t) => {
    const backend = await openBackend(t, createLog)
    const post = write('0')
    const positions = [await start(backend), (await append(backend, post)).position]
    for (const rev of seqsTo(5)) {
      positions.push((await append(backend, edit(post.messageId, rev, String(rev)))).position)
    }
    const head = positions.pop()
    for (const position of positions) {
      const caughtUp = resumed(await backend.readChanges(TEA, position, 100))
      assert.deepEqual(textsOf(caughtUp.messages), ['5'])
      assert.deepEqual(caughtUp.position, head)
    }
  })

  test('a reader far behind reaches the head page by page, while appends go on', async (t) => {
    const backend = await openBackend(t, createLog)
    const ids = await fill(backend, seqsTo(20).map(String))
    const seen = new Map<MessageId, string>()
    let position = await start(backend)
    for (let page = 0; ; page++) {
      const read = resumed(await backend.readChanges(TEA, position, 3))
      assert.ok(read.messages.length <= 3)
      assert.ok(read.messages.length > 0 || read.position.seq === read.head.seq)
      for (const { id, body } of read.messages) seen.set(id, body)
      position = read.position
      if (position.seq === read.head.seq) break
      // Messages the reader has had, and ones it has yet to get, move to the end of the log.
      const moving = page < 10 ? ids[page * 2] : undefined
      const found = moving && (await backend.findMessage(TEA, moving))
      if (found) await append(backend, edit(found.id, found.rev, `edit ${page}`))
      if (page < 10) await append(backend, write(`new ${page}`))
    }
    const { messages } = await backend.readPage(TEA, { limit: 1_000 })
    assert.equal(messages.length, 30)
    assert.deepEqual(Object.fromEntries(seen), Object.fromEntries(messages.map(({ id, body }) => [id, body])))
    assert.deepEqual(position, await backend.head(TEA))
  })

  test('long messages end a page of changes early, and none is left out', async (t) => {
    const backend = await openBackend(t, createLog)
    const long = 'x'.repeat(MAX_PAGE_UNITS / 3 - 100)
    await fill(backend, [...seqsTo(4).map(() => long), 'x'.repeat(MAX_PAGE_UNITS), 'short'])
    const pages: number[][] = []
    let position = await start(backend)
    for (;;) {
      const read = resumed(await backend.readChanges(TEA, position, 100))
      pages.push(read.messages.map(({ seq }) => seq))
      position = read.position
      assert.equal(position.seq, read.messages.at(-1)?.seq)
      if (position.seq === read.head.seq) break
    }
    assert.deepEqual(pages, [[1, 2, 3], [4], [5], [6]])
  })

  test('positions of another log are told apart: another epoch, past the end, another change at that seq', async (t) => {
    const backend = await openBackend(t, createLog)
    await fill(backend, ['1', '2'])
    const head = await backend.head(TEA)
    const reset = async (changes: Partial<typeof head>): Promise<unknown> =>
      await backend.readChanges(TEA, { ...head, ...changes }, 100)
    const none = '' as Tag
    assert.deepEqual(await reset({ epoch: 'another' as Epoch }), { status: 'reset', reason: 'epoch' })
    assert.deepEqual(await reset({ epoch: 'another' as Epoch, seq: 0 as Seq, tag: none }), {
      status: 'reset',
      reason: 'epoch',
    })
    assert.deepEqual(await reset({ seq: 3 as Seq }), { status: 'reset', reason: 'ahead' })
    assert.deepEqual(await reset({ seq: Number.MAX_SAFE_INTEGER as Seq }), { status: 'reset', reason: 'ahead' })
    assert.deepEqual(await reset({ tag: 'another' as Tag }), { status: 'reset', reason: 'fork' })
    assert.deepEqual(await reset({ tag: none }), { status: 'reset', reason: 'fork' })
    assert.deepEqual(await reset({ seq: 1 as Seq }), { status: 'reset', reason: 'fork' })
    assert.equal(resumed(await backend.readChanges(TEA, { ...head, seq: 0 as Seq, tag: none }, 100)).messages.length, 2)
  })

  test('a room that was never written to can be resumed at its start only', async (t) => {
    const backend = await openBackend(t, createLog)
    const head = await backend.head(TEA)
    assert.deepEqual(await backend.readChanges(TEA, head, 9), { status: 'resumed', messages: [], position: head, head })
    const ahead = await backend.readChanges(TEA, { ...head, seq: 1 as Seq }, 9)
    assert.deepEqual(ahead, { status: 'reset', reason: 'ahead' })
    const other = await backend.readChanges(TEA, { ...head, epoch: 'another' as Epoch }, 9)
    assert.deepEqual(other, { status: 'reset', reason: 'epoch' })
  })

  test('trimming removes the oldest changes, and the messages that did not change since', async (t) => {
    const backend = await openBackend(t, createLog)
    const positions = [await start(backend)]
    const writes = ['1', '2', '3', '4'].map((text) => write(text))
    for (const one of writes) positions.push((await append(backend, one)).position)
    const [first, second, , fourth] = writes.map(({ messageId }) => messageId)
    assert.ok(first && second && fourth)
    await append(backend, edit(first, 1, '1 again'))
    await append(backend, edit(fourth, 4, '4 again'))
    await fill(backend, ['espresso', 'latte'], COFFEE)
    await backend.trim(TEA, 3 as Seq)
    await backend.trim(COFFEE, 1 as Seq)

    const { messages, hasOlder } = await backend.readPage(TEA, { limit: 100 })
    assert.deepEqual([textsOf(messages), hasOlder], [['1 again', '4 again'], false])
    assert.equal(await backend.findMessage(TEA, second), undefined)
    await assert.rejects(backend.readPage(TEA, { limit: 9, around: second }), { code: 'message_not_found' })
    for (const position of positions.slice(0, 3)) {
      assert.deepEqual(await backend.readChanges(TEA, position, 9), { status: 'reset', reason: 'trimmed' })
    }
    for (const position of positions.slice(3)) resumed(await backend.readChanges(TEA, position, 9))
    const fork = { ...(await backend.head(TEA)), seq: 3 as Seq, tag: 'another' as Tag }
    assert.deepEqual(await backend.readChanges(TEA, fork, 9), { status: 'reset', reason: 'fork' })
    assert.equal((await backend.readPage(COFFEE, { limit: 9 })).messages.length, 1)
  })

  test('a trimmed room goes on where it was', async (t) => {
    const backend = await openBackend(t, createLog)
    const first = write('1')
    await append(backend, first)
    await fill(backend, ['2', '3', '4', '5'])
    await backend.trim(TEA, Number.MAX_SAFE_INTEGER as Seq)
    const head = await backend.head(TEA)
    assert.equal(head.seq, 5)
    assert.deepEqual((await backend.readPage(TEA, { limit: 9 })).messages, [])
    assert.equal((await append(backend, first)).duplicate, true)
    await backend.trim(TEA, 2 as Seq)
    const { position } = await append(backend, write('6'))
    assert.equal(position.seq, 6)
    assert.deepEqual(textsOf(resumed(await backend.readChanges(TEA, head, 9)).messages), ['6'])
  })

  test('a long trim leaves room for appends', async (t) => {
    const backend = await openBackend(t, createLog)
    await Promise.all(seqsTo(2_500).map(() => backend.append(write('hi'))))
    const events: string[] = []
    const trim = backend.trim(TEA, 2_400 as Seq).then(() => events.push('trimmed'))
    const post = append(backend, write('meanwhile')).then(() => events.push('appended'))
    await Promise.all([trim, post])
    assert.deepEqual(events, ['appended', 'trimmed'])
    const { messages } = await backend.readPage(TEA, { limit: 1_000 })
    assert.deepEqual(
      messages.map(({ seq }) => seq),
      seqsTo(2_501, 2_401),
    )
  })
}
