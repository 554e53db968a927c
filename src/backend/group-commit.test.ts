import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GroupCommit } from './group-commit.ts'

/** Group commits over a transaction that can be made to fail, with a turn of the event loop that the test ends. */
function setUp(): { commits: GroupCommit; events: string[]; endTurn: () => void; failNext: () => void } {
  const events: string[] = []
  const deferred: (() => void)[] = []
  let fails = false
  const commits = new GroupCommit({
    transaction: (work) => {
      events.push('begin')
      work()
      events.push(fails ? 'rollback' : 'commit')
      if (!fails) return { appends: 0, rooms: 0 }
      fails = false
      throw new Error('disk full')
    },
    schedule: { defer: (commit) => void deferred.push(commit) },
    refusal: (cause) => new Error('refused', { cause }),
  })
  const endTurn = (): void => deferred.splice(0).forEach((task) => task())
  return { commits, events, endTurn, failNext: () => (fails = true) }
}

test('writes of one turn are one transaction, applied, then announced, then answered, in call order', async () => {
  const { commits, events, endTurn } = setUp()
  const answers = ['a', 'b'].map((name) =>
    commits
      .add({
        apply: () => (events.push(`apply ${name}`), name),
        announce: (result) => void events.push(`announce ${result}`),
      })
      .then((result) => events.push(`answer ${result}`)),
  )
  assert.deepEqual(events, [])
  endTurn()
  await Promise.all(answers)
  const expected = ['begin', 'apply a', 'apply b', 'commit', 'announce a', 'announce b', 'answer a', 'answer b']
  assert.deepEqual(events, expected)
})

test('a write made while others are announced goes with the next group', async () => {
  const { commits, events, endTurn } = setUp()
  let second: Promise<number> | undefined
  const first = commits.add({
    apply: () => 1,
    announce: () => void (second = commits.add({ apply: () => 2, announce: () => {} })),
  })
  endTurn()
  assert.equal(await first, 1)
  assert.deepEqual(events, ['begin', 'commit'])
  endTurn()
  assert.equal(await second, 2)
  assert.deepEqual(events, ['begin', 'commit', 'begin', 'commit'])
})

test('a schedule that throws of a commit costs its writers nothing: what is durable is announced and answered', async () => {
  const announced: string[] = []
  const deferred: (() => void)[] = []
  const commits = new GroupCommit({
    transaction: (work) => (work(), { appends: 1, rooms: 1 }),
    schedule: { defer: (commit) => void deferred.push(commit), onCommit: () => assert.fail('no pace') },
    refusal: (cause) => new Error('refused', { cause }),
  })
  const answer = commits.add({ apply: () => 'a', announce: (result) => void announced.push(result) })
  assert.throws(() => deferred.forEach((commit) => commit()), { message: 'no pace' })
  assert.equal(await answer, 'a')
  assert.deepEqual(announced, ['a'])
})

test('when a transaction fails its writers are refused, nothing is announced, and the next group is tried', async () => {
  const { commits, endTurn, failNext } = setUp()
  const announced: number[] = []
  const add = (n: number): Promise<number> =>
    commits.add({ apply: () => n, announce: (result) => void announced.push(result) })
  failNext()
  const refused = [add(1), add(2)]
  endTurn()
  for (const answer of refused) await assert.rejects(answer, { message: 'refused', cause: new Error('disk full') })
  const accepted = add(3)
  endTurn()
  assert.equal(await accepted, 3)
  assert.deepEqual(announced, [3])
})

test('what is durable is answered, though a listener threw', async () => {
  const { commits, endTurn } = setUp()
  const answer = commits.add({
    apply: () => 'stored',
    announce: () => {
      throw new Error('listener')
    },
  })
  assert.throws(endTurn, { message: 'listener' })
  assert.equal(await answer, 'stored')
})

test('flush writes at once and leaves nothing for the end of the turn', async () => {
  const { commits, events, endTurn } = setUp()
  const answer = commits.add({ apply: () => 'now', announce: () => {} })
  commits.flush()
  endTurn()
  assert.equal(await answer, 'now')
  assert.deepEqual(events, ['begin', 'commit'])
})
