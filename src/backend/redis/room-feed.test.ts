import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Epoch, MessageId, Seq, Tag } from '../../protocol/ids.ts'
import type { ResetReason } from '../../protocol/events.ts'
import type { Position } from '../../protocol/message.ts'
import type { Change, RoomListener } from '../backend.ts'
import type { LogRead } from './log.ts'
import type { LinkedChange } from './room-event.ts'
import { RoomFeed } from './room-feed.ts'
import type { FeedSource } from './room-feed.ts'

const EPOCH = 'one' as Epoch

function changeAt(seq: number, { epoch = EPOCH, tag = `t${seq}` }: { epoch?: Epoch; tag?: string } = {}): Change {
  const position = { epoch, seq: seq as Seq, tag: tag as Tag }
  return { position, message: { id: `m${seq}` as MessageId, seq: position.seq, rev: position.seq, body: '{}' } }
}

/** As it is published. */
function linkedAt(
  seq: number,
  { before = seq > 1 ? `t${seq - 1}` : '', ...change }: { epoch?: Epoch; tag?: string; before?: string } = {},
): LinkedChange {
  return { change: changeAt(seq, change), before: before as Tag }
}

/** A log in an array, which can be out of reach. */
class ArrayLog implements FeedSource {
  epoch = EPOCH
  changes: Change[] = []
  reads = 0
  isAway = false

  async read(since: Position, limit: number): Promise<LogRead> {
    this.reads++
    if (this.isAway) throw new Error('away')
    const head = await this.head()
    const reason = this.#findReset(since)
    if (reason) return { status: 'reset', reason }
    const changes = this.changes.filter(({ position }) => position.seq > since.seq).slice(0, limit)
    return { status: 'resumed', changes, position: changes.at(-1)?.position ?? head, head }
  }

  async head(): Promise<Position> {
    return this.changes.at(-1)?.position ?? { epoch: this.epoch, seq: 0 as Seq, tag: '' as Tag }
  }

  async reportLoss(): Promise<void> {
    this.epoch = 'renewed' as Epoch
    this.changes = this.changes.map((change) => ({ ...change, position: { ...change.position, epoch: this.epoch } }))
  }

  #findReset({ epoch, seq, tag }: Position): ResetReason | undefined {
    if (epoch !== this.epoch) return 'epoch'
    if (seq > this.changes.length) return 'ahead'
    return seq > 0 && this.changes[seq - 1]?.position.tag !== tag ? 'fork' : undefined
  }
}

/** A feed of an empty log, and what it tells its listener. */
function openFeed(): { feed: RoomFeed; log: ArrayLog; told: (number | ResetReason)[] } {
  const told: (number | ResetReason)[] = []
  const listener: RoomListener = {
    onChange: ({ position }) => told.push(position.seq),
    onReset: (reason) => told.push(reason),
    onSignal() {},
    onMembers() {},
    onMarker() {},
  }
  const log = new ArrayLog()
  const start = { epoch: EPOCH, seq: 0 as Seq, tag: '' as Tag }
  return { feed: new RoomFeed(log, new Set([{ listener }]), 5, start), log, told }
}

test('changes that come in order are handed out as they come, and those that come again are not', () => {
  const { feed, log, told } = openFeed()
  for (const seq of [1, 2, 1, 2, 3]) feed.receive(linkedAt(seq))
  assert.deepEqual(told, [1, 2, 3])
  assert.equal(log.reads, 0)
})

test('a change that overtook others waits for them', async () => {
  const { feed, log, told } = openFeed()
  for (const seq of [3, 2, 5]) feed.receive(linkedAt(seq))
  assert.deepEqual(told, [])
  const reached = feed.reached(changeAt(3).position)
  feed.receive(linkedAt(1))
  assert.deepEqual(told, [1, 2, 3])
  await reached
  feed.receive(linkedAt(4))
  assert.deepEqual(told, [1, 2, 3, 4, 5])
  assert.equal(log.reads, 0)
})

test('what does not come is read from the log', async () => {
  const { feed, log, told } = openFeed()
  log.changes = [1, 2, 3].map((seq) => changeAt(seq))
  feed.receive(linkedAt(3))
  await feed.reached(changeAt(3).position)
  assert.deepEqual(told, [1, 2, 3])
})

test('a change of which nothing was heard but where it is, is read from the log', async () => {
  const { feed, log, told } = openFeed()
  log.changes = [1, 2].map((seq) => changeAt(seq))
  await feed.reached(changeAt(2).position)
  assert.deepEqual(told, [1, 2])
})

test('who waits is let go in time where the log does not answer', async () => {
  const { feed, log } = openFeed()
  log.read = () => new Promise(() => {})
  await Promise.all([feed.reached(changeAt(2).position), feed.reached(changeAt(1, { epoch: 'two' as Epoch }).position)])
  feed.close()
})

test('a head that is further than what came is reached by reading', async () => {
  const { feed, log, told } = openFeed()
  log.changes = [1, 2].map((seq) => changeAt(seq))
  feed.compare(feed.head, changeAt(2).position)
  await feed.reached(changeAt(2).position)
  assert.deepEqual(told, [1, 2])
})

test('who waits is let go when the log cannot be read, and told the rest when it can', async () => {
  const { feed, log, told } = openFeed()
  log.changes = [1, 2].map((seq) => changeAt(seq))
  log.isAway = true
  feed.receive(linkedAt(2))
  await feed.reached(changeAt(2).position)
  assert.deepEqual(told, [])
  log.isAway = false
  await feed.readOn()
  assert.deepEqual(told, [1, 2])
})

test('a change of another epoch is a reset, after which the other log goes on', async () => {
  const { feed, log, told } = openFeed()
  feed.receive(linkedAt(1))
  log.epoch = 'two' as Epoch
  log.changes = [changeAt(1, { epoch: log.epoch })]
  feed.receive(linkedAt(1, { epoch: log.epoch }))
  await feed.reached(changeAt(1, { epoch: log.epoch }).position)
  feed.receive(linkedAt(2, { epoch: log.epoch }))
  assert.deepEqual(told, [1, 'epoch', 2])
})

test('another change at a seq that was handed out is a fork: the epoch is renewed', async () => {
  const { feed, log, told } = openFeed()
  feed.receive(linkedAt(1))
  log.changes = [changeAt(1, { tag: 'another' })]
  feed.receive(linkedAt(1, { tag: 'another' }))
  await feed.readOn()
  assert.deepEqual(told, [1, 'fork'])
  assert.deepEqual(feed.head, { epoch: 'renewed', seq: 1, tag: 'another' })
})

test('a change that continues another log than what was handed out is a fork, though nothing was handed out at its seq', async () => {
  // A server that lost a change gave its seq to another, and this process heard only of the one after.
  const { feed, log, told } = openFeed()
  for (const seq of [1, 2]) feed.receive(linkedAt(seq))
  log.changes = [changeAt(1), changeAt(2, { tag: 'another' }), changeAt(3)]
  feed.receive(linkedAt(3, { before: 'another' }))
  await feed.reached(changeAt(3).position)
  assert.deepEqual(told, [1, 2, 'fork'])
  assert.deepEqual(feed.head, { epoch: 'renewed', seq: 3, tag: 't3' })
})

test('so is one that was early, once its turn has come', async () => {
  const { feed, log, told } = openFeed()
  feed.receive(linkedAt(1))
  feed.receive(linkedAt(3, { before: 'another' }))
  log.changes = [changeAt(1), changeAt(2, { tag: 'another' }), changeAt(3)]
  feed.receive(linkedAt(2))
  await feed.readOn()
  assert.deepEqual(told, [1, 2, 'fork'])
})

test('who waits for a change that its log lost is let go', async () => {
  const { feed, log, told } = openFeed()
  feed.receive(linkedAt(1))
  log.changes = [changeAt(1)]
  feed.receive(linkedAt(2, { before: 'lost' }))
  await feed.reached(changeAt(2).position)
  assert.deepEqual(told, [1])
})

test('a change that does not say what was before it is read from the log', async () => {
  const { feed, log, told } = openFeed()
  log.changes = [1, 2].map((seq) => changeAt(seq))
  for (const change of log.changes) feed.receive({ change, before: undefined })
  await feed.reached(changeAt(2).position)
  assert.deepEqual(told, [1, 2])
  log.changes = [changeAt(1), changeAt(2, { tag: 'another' }), changeAt(3)]
  feed.receive({ change: changeAt(3), before: undefined })
  await feed.readOn()
  assert.deepEqual(told, [1, 2, 'fork'])
})

test('a log that ends before what was handed out is renewed too', async () => {
  const { feed, log, told } = openFeed()
  for (const seq of [1, 2, 3]) feed.receive(linkedAt(seq))
  log.changes = [changeAt(1)]
  feed.compare(feed.head, changeAt(1).position)
  await feed.readOn()
  assert.deepEqual(told, [1, 2, 3, 'ahead'])
  assert.equal(feed.head.epoch, 'renewed')
})

test('a closed feed holds nobody back', async () => {
  const { feed } = openFeed()
  feed.receive(linkedAt(2))
  const reached = feed.reached(changeAt(2).position)
  feed.close()
  await reached
})
