import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserId } from '../../src/protocol/ids.ts'
import { bouncer, EVE } from './bouncer.ts'
import { simulate } from './simulation.ts'

test('every process that shares the chat is told', async () => {
  const { simulation: here, barred, policy } = bouncer()
  const there = simulate({ backend: here.backend, environment: here.clock, access: policy })
  const [eve, mallory] = [await there.join('tea', 'Eve'), await there.join('tea', 'Mallory')]
  await here.clock.settle()
  barred.add('Eve')
  await here.chat.revalidate(EVE)
  await here.chat.disconnect('u_Mallory' as UserId)
  await here.clock.settle()
  assert.deepEqual([eve.events('removed').length, mallory.ended?.code], [1, 4401])
})

test('a process that was deaf asks about everybody it holds', async () => {
  const { simulation, barred } = bouncer()
  const listeners: { onDeaf(): void }[] = []
  const { backend } = simulation
  backend.listen = (listener) => {
    listeners.push(listener)
    return () => {}
  }
  const deaf = simulate({
    backend,
    environment: simulation.clock,
    access: { timeoutMs: 1, authorize: ({ name }) => !barred.has(name) },
  })
  const peers = [await deaf.join('tea', 'Ada'), await deaf.join('tea', 'Eve')]
  await simulation.clock.settle()
  barred.add('Eve')
  for (const listener of listeners) listener.onDeaf()
  await simulation.clock.settle()
  assert.deepEqual(
    peers.map((peer) => peer.events('removed').length),
    [0, 1],
  )
})

test('orders of another version are passed over', async () => {
  const { simulation } = bouncer()
  const eve = await simulation.join('tea', 'Eve')
  for (const payload of ['', 'null', '{"from":"x","type":"promote","user":"u_Eve"}', '{"type":"disconnect"}'])
    await simulation.backend.broadcast(payload)
  await simulation.clock.settle()
  assert.equal(eve.ended, undefined)
})

test('where the others cannot be told, whoever asked for it knows, and it is done here', async () => {
  const { simulation, barred } = bouncer()
  const eve = await simulation.join('tea', 'Eve')
  simulation.backend.broadcast = () => Promise.reject(new Error('away'))
  barred.add('Eve')
  await assert.rejects(simulation.chat.revalidate(EVE), /away/)
  await simulation.clock.settle()
  assert.equal(eve.events('removed').length, 1)
})
