import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enter } from '../protocol/peer.ts'
import { newRoom } from '../protocol/target.ts'
import { acceptedWrites, Person } from './person.ts'
import { RestartableServer } from './restartable-server.ts'
import { assertOneHistory } from './verdict.ts'

const RESTARTS = 4

test('restarts under traffic: everyone is told when to come back and does, and nothing is lost or doubled', async (t) => {
  const server = await RestartableServer.start(t, ['--shutdown-spread', '1s'])
  const room = newRoom()
  const people = await Promise.all(['Ada', 'Bob', 'Eve'].map((name) => Person.enter(t, server.socketUrl, room, name)))
  let isOver = false
  const traffic = people.map((person) =>
    person.writeOn(
      () => person.post(),
      () => isOver,
    ),
  )
  for (let restart = 0; restart < RESTARTS; restart++) {
    const bystander = await enter(t, server.socketUrl, room, 'Bystander')
    await acceptedWrites(people, 50)
    const terminated = server.terminate()
    const { retryInMs } = await bystander.next('goodbye')
    assert.ok(retryInMs >= 0 && retryInMs <= 1_000, String(retryInMs))
    assert.equal((await bystander.ended()).code, 1012)
    const { code, stderr } = await terminated
    assert.deepEqual([code, stderr], [0, ''])
    await server.startAgain()
  }
  isOver = true
  await Promise.all(traffic)

  const history = await assertOneHistory(t, server.socketUrl, people)
  assert.deepEqual(
    history.map(({ seq }) => seq),
    history.map((_, index) => index + 1),
  )
})
