import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVE } from './bouncer.ts'
import { simulate, userCalled } from './simulation.ts'

test('whoever is disconnected ends with 4401, and nobody else', async () => {
  const simulation = simulate()
  const [ada, one] = [await simulation.join('tea'), await simulation.join('tea', 'Eve')]
  const [two, stream] = [await simulation.join('coffee', 'Eve'), await simulation.follow('tea', undefined, 'Eve')]
  await simulation.chat.disconnect(EVE)
  assert.deepEqual(
    [one, two, stream, ada].map(({ ended }) => ended?.code),
    [4401, 4401, 4401, undefined],
  )
})

test('who they are, as found out before they were disconnected, lets nobody in after', async () => {
  const { promise: slowApp, resolve: goOn } = Promise.withResolvers<void>()
  const simulation = simulate({
    identify: async ({ name = '' }) => {
      await slowApp
      return userCalled(name)
    },
  })
  const [ada, eve] = [simulation.connect(), simulation.connect()]
  ada.send({ type: 'hello', name: 'Ada' })
  eve.send({ type: 'hello', name: 'Eve' })
  await simulation.clock.settle()
  await simulation.chat.disconnect(EVE)
  goOn()
  await simulation.clock.settle()
  assert.deepEqual([ada.events('welcome').length, eve.events('welcome').length, eve.ended?.code], [1, 0, 4401])
  const again = simulation.connect()
  again.send({ type: 'hello', name: 'Eve' })
  await simulation.clock.settle()
  assert.equal(again.events('welcome').length, 1)
})

test('nobody is let in in the turn in which they are disconnected', async () => {
  for (let turns = 0; turns < 12; turns++) {
    const { promise: slowApp, resolve: goOn } = Promise.withResolvers<void>()
    const simulation = simulate({
      identify: async ({ name = '' }) => {
        await slowApp
        return userCalled(name)
      },
    })
    const eve = simulation.connect()
    eve.send({ type: 'hello', name: 'Eve' })
    await simulation.clock.settle()
    goOn()
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    await simulation.chat.disconnect(EVE)
    await simulation.clock.settle()
    assert.equal(eve.ended?.code, 4401, `after ${turns} turns`)
  }
})
