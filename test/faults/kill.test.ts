import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newRoom } from '../protocol/target.ts'
import { acceptedWrites, Person } from './person.ts'
import { seedRandom } from './random.ts'
import { RestartableServer } from './restartable-server.ts'
import { assertOneHistory } from './verdict.ts'

const CYCLES = 20

test(`${CYCLES} times kill -9 under traffic: every accepted message is there once, in one order, for everyone`, async (t) => {
  const random = seedRandom(t)
  const server = await RestartableServer.start(t)
  const room = newRoom()
  const people = await Promise.all(
    ['Ada', 'Bob', 'Eve', 'Kim'].map((name) => Person.enter(t, server.socketUrl, room, name)),
  )

  let isOver = false
  const traffic = people.map((person) =>
    person.writeOn(
      () => person.post(),
      () => isOver,
    ),
  )
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    await acceptedWrites(people, 1 + random.below(40))
    await server.kill()
    await server.startAgain()
  }
  isOver = true
  await Promise.all(traffic)

  const history = await assertOneHistory(t, server.socketUrl, people)
  // Posts alone take seqs here, so the messages show whether there is a hole.
  assert.deepEqual(
    history.map(({ seq }) => seq),
    history.map((_, index) => index + 1),
  )
  t.diagnostic(`${history.length} messages`)
})
