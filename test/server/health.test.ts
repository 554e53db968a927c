import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SimulatedClock } from '../chat/simulation.ts'
import { Health } from '../../src/server/health.ts'

test('however often it is asked, the log is asked once a second', async () => {
  const clock = new SimulatedClock()
  let pings = 0
  const health = new Health({ ping: async () => void pings++ }, clock)
  assert.deepEqual(await Promise.all(Array.from({ length: 100 }, () => health.check())), Array(100).fill('ready'))
  await clock.advance(999)
  await health.check()
  assert.equal(pings, 1)
  await clock.advance(1)
  await health.check()
  assert.equal(pings, 2)
})

test('a log that does not answer is waited for 2 s, by everybody together', async () => {
  const clock = new SimulatedClock()
  let pings = 0
  const health = new Health({ ping: () => (pings++, new Promise(() => {})) }, clock)
  const first = health.check()
  await clock.advance(1_500)
  const second = health.check()
  await clock.advance(500)
  assert.deepEqual([await first, await second, pings], ['unavailable', 'unavailable', 1])
})

test('a log that works again is found out, and so is one that fails', async () => {
  const clock = new SimulatedClock()
  let isThere = false
  const health = new Health({ ping: async () => assert.ok(isThere) }, clock)
  for (const [there, state] of [
    [false, 'unavailable'],
    [true, 'ready'],
    [false, 'unavailable'],
  ] as const) {
    isThere = there
    assert.equal(await health.check(), state)
    await clock.advance(1_000)
  }
})

test('who stops is not ready, whatever the last ping said', async () => {
  const health = new Health({ ping: async () => {} }, new SimulatedClock())
  assert.equal(await health.check(), 'ready')
  health.stop()
  assert.equal(await health.check(), 'stopping')
})
