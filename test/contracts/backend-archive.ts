import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import * as fc from 'fast-check'
import type { Archive, ArchivePart } from '../../src/backend/archive.ts'
import type { Backend } from '../../src/backend/backend.ts'
import type { Epoch, Seq, Tag } from '../../src/protocol/ids.ts'
import type { Position } from '../../src/protocol/message.ts'
import { ADA, append, BOB, COFFEE, edit, fill, openBackend, seqsTo, start, TEA, write } from './backend-helpers.ts'
import type { LogFactory } from './backend-helpers.ts'
import { historyOf, ModelledRoom } from './modelled-room.ts'

/** Histories that are moved. */
const RUNS = 15

export function testArchive(createLog: LogFactory, isDurable: boolean): void {
  test('a chat that was moved answers everything as before, and goes on where it was', async (t) => {
    const [source, target] = [await openBackend(t, createLog), await openBackend(t, createLog)]
    const post = write('0')
    const positions = [await start(source), (await append(source, post)).position]
    for (const rev of seqsTo(3)) positions.push((await append(source, edit(post.messageId, rev, `${rev}`))).position)
    await fill(source, ['one', 'two'])
    await fill(source, ['espresso', 'latte', 'mocha'], COFFEE)
    await source.trim(COFFEE, 2 as Seq)
    await source.advanceMarker(TEA, ADA, 4 as Seq)
    await source.advanceMarker(COFFEE, BOB, 3 as Seq)
    const secret = await source.secret('guest')
    await move(source.archive, target.archive)

    for (const room of [TEA, COFFEE]) {
      assert.deepEqual(await target.extent(room), await source.extent(room))
      assert.equal(await target.countMessages(room), await source.countMessages(room))
      assert.deepEqual(await target.readPage(room, { limit: 9 }), await source.readPage(room, { limit: 9 }))
    }
    assert.deepEqual(await start(target, 'empty' as typeof TEA), await start(source, 'empty' as typeof TEA))
    for (const since of positions)
      assert.deepEqual(await target.readChanges(TEA, since, 9), await source.readChanges(TEA, since, 9))
    const before = { ...(await target.head(COFFEE)), seq: 1 as Seq }
    assert.deepEqual(await target.readChanges(COFFEE, before, 9), { status: 'reset', reason: 'trimmed' })
    assert.deepEqual([await target.marker(TEA, ADA), await target.marker(COFFEE, BOB)], [4, 3])
    assert.deepEqual(await target.secret('guest'), secret)
    assert.deepEqual(await append(target, post), { ...(await append(source, post)), duplicate: true })
    assert.equal((await append(target, edit(post.messageId, 4, 'again'))).position.seq, 7)
  })

  test('any history is moved whole, whenever the move is interrupted and begun again', async () => {
    const property = fc.asyncProperty(historyOf(), fc.nat(1_000), async (steps, pick) => {
      const logs = [await createLog(), await createLog()] as const
      const [source, target] = [await logs[0].open(), await logs[1].open()]
      try {
        const room = await ModelledRoom.open(source)
        for (const step of steps) await room.take(step)
        const parts = await partsOf(source.archive)
        await target.archive.beginRestore(epochOf(parts))
        for (const part of parts.slice(0, pick % (parts.length + 1))) await target.archive.restore(part)
        await restoreAll(target.archive, parts)
        assert.deepEqual(await partsOf(target.archive), parts)
      } finally {
        for (const backend of [source, target]) await backend.close()
        for (const log of logs) await log.remove()
      }
    })
    await fc.assert(property, { numRuns: RUNS })
  })

  test('a chat can be read while others write to it: each room to where its log then ends', async (t) => {
    const [source, target] = [await openBackend(t, createLog), await openBackend(t, createLog)]
    const ids = await fill(source, seqsTo(300).map(String))
    const parts: ArchivePart[] = []
    const heads: Position[] = []
    for await (const part of source.archive.read()) {
      parts.push(part)
      if (part.type !== 'changes') continue
      heads.push(await source.head(TEA))
      // What was read already changes, and what is yet to be read. Whatever comes after the last look is left out.
      if (heads.length > 2) continue
      for (const id of [ids[heads.length], ids[299 - heads.length]]) {
        const found = id && (await source.findMessage(TEA, id))
        if (found) await append(source, edit(found.id, found.rev, 'edited'))
      }
    }
    await fill(source, ['later'])
    await restoreAll(target.archive, parts)
    assert.deepEqual(await target.head(TEA), heads.at(-1))
    const { messages } = await source.readPage(TEA, { limit: 1_000 })
    assert.deepEqual((await target.readPage(TEA, { limit: 1_000 })).messages, messages.slice(0, -1))
    for (const since of heads) assert.equal((await target.readChanges(TEA, since, 9)).status, 'resumed')
  })

  test('a move that was interrupted is finished with what the chat has become since', async (t) => {
    const [source, target] = [await openBackend(t, createLog), await openBackend(t, createLog)]
    const [first, , third] = await fill(source, ['1', '2', '3'])
    const parts = await partsOf(source.archive)
    await target.archive.beginRestore(epochOf(parts))
    for (const part of parts) await target.archive.restore(part)
    await append(source, edit(first, 1, '1 again'))
    await append(source, edit(third, 3, '3 again'))
    await source.trim(TEA, 3 as Seq)
    await fill(source, ['6'])
    await restoreAll(target.archive, await partsOf(source.archive))
    assert.deepEqual(await target.readPage(TEA, { limit: 9 }), await source.readPage(TEA, { limit: 9 }))
    assert.deepEqual(await partsOf(target.archive), await partsOf(source.archive))
  })

  test('parts of another log are refused', async (t) => {
    const [source, target] = [await openBackend(t, createLog), await openBackend(t, createLog)]
    await fill(source, ['1', '2'])
    const parts = await partsOf(source.archive)
    await restoreAll(target.archive, parts)
    const { epoch } = await source.head(TEA)
    const trimmed = { seq: 0 as Seq, tag: '' as Tag }
    const refused = async (part: ArchivePart): Promise<void> => {
      await assert.rejects(target.archive.restore(part), { name: 'RangeError', message: /tea/ })
    }
    await refused({ type: 'room', room: TEA, epoch: 'another1' as Epoch, trimmed })
    await target.archive.restore({ type: 'room', room: TEA, epoch, trimmed })
    await refused({ type: 'changes', room: TEA, changes: [{ seq: 2 as Seq, tag: 'other' as Tag }] })
    await refused({ type: 'changes', room: TEA, changes: [{ seq: 4 as Seq, tag: 'later' as Tag }] })
    assert.deepEqual(await target.head(TEA), await source.head(TEA))
  })

  test('a log knows whether it is empty, being restored, or in use, and what it was restored from', async (t) => {
    const [source, target] = [await openBackend(t, createLog), await openBackend(t, createLog)]
    assert.deepEqual(await target.archive.state(), { status: 'empty' })
    await fill(source, ['1'])
    assert.deepEqual(await source.archive.state(), { status: 'used' })
    const parts = await partsOf(source.archive)
    const epoch = epochOf(parts)
    await target.archive.beginRestore(epoch)
    assert.deepEqual(await target.archive.state(), { status: 'restoring', epoch })
    for (const part of parts) await target.archive.restore(part)
    assert.deepEqual(await target.archive.state(), { status: 'restoring', epoch })
    await target.archive.finishRestore('a file')
    assert.deepEqual(await target.archive.state(), { status: 'used', restored: 'a file' })
  })

  if (!isDurable) return

  test('a log with half of a chat opens for restoring the rest only', async (t) => {
    const source = await openBackend(t, createLog)
    await fill(source, ['1', '2'])
    const parts = await partsOf(source.archive)
    const log = await createLog()
    t.after(() => log.remove())
    await interruptedAfter(await log.open(), parts, 2)
    await assert.rejects(log.open(), { code: 'restoring', message: /has half of a chat .* run natter import again/ })
    const rest = await log.open(undefined, true)
    await restoreAll(rest.archive, parts)
    await rest.close()
    const whole = await openAgain(t, log)
    assert.deepEqual(await partsOf(whole.archive), parts)
  })
}

async function openAgain(t: TestContext, log: Awaited<ReturnType<LogFactory>>): Promise<Backend> {
  const backend = await log.open()
  t.after(() => backend.close())
  return backend
}

async function move(from: Archive, to: Archive): Promise<void> {
  await restoreAll(to, await partsOf(from))
}

async function restoreAll(archive: Archive, parts: readonly ArchivePart[]): Promise<void> {
  await archive.beginRestore(epochOf(parts))
  for (const part of parts) await archive.restore(part)
  await archive.finishRestore('a file')
}

async function interruptedAfter(backend: Backend, parts: readonly ArchivePart[], count: number): Promise<void> {
  await backend.archive.beginRestore(epochOf(parts))
  for (const part of parts.slice(0, count)) await backend.archive.restore(part)
  await backend.close()
}

/** All parts, in pieces as small as can be, and what follows the rooms in an order that does not depend on how the log finds it. */
async function partsOf(archive: Archive): Promise<ArchivePart[]> {
  const parts: ArchivePart[] = []
  for await (const part of archive.read()) parts.push(...inPieces(part))
  const writes = parts.filter((part) => part.type === 'writes')
  return [...parts.filter((part) => part.type !== 'writes'), ...writes.toSorted(byPlace)]
}

function inPieces(part: ArchivePart): ArchivePart[] {
  switch (part.type) {
    case 'changes':
      return part.changes.map((change) => ({ ...part, changes: [change] }))
    case 'markers':
      return part.markers.map((marker) => ({ ...part, markers: [marker] }))
    case 'writes':
      return part.writes.map((one) => ({ ...part, writes: [one] }))
    default:
      return [part]
  }
}

function byPlace(
  one: Extract<ArchivePart, { type: 'writes' }>,
  other: Extract<ArchivePart, { type: 'writes' }>,
): number {
  return JSON.stringify(one.writes).localeCompare(JSON.stringify(other.writes))
}

function epochOf([first]: readonly ArchivePart[]): Epoch {
  assert.ok(first?.type === 'epoch')
  return first.epoch
}
