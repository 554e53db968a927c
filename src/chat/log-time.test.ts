import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SimulatedClock } from '../../test/chat/simulation.ts'
import { LogTime } from './log-time.ts'

const UNAVAILABLE = { name: 'ChatError', code: 'unavailable', retryAfterMs: 1_000 }

/** A log that takes `ms` for each answer. */
function logOn(clock: SimulatedClock, ms: number): () => Promise<string> {
  return () => new Promise((resolve) => void clock.setTimer(() => resolve('answer'), ms))
}

test('a command gets what the log answers in time, and is refused within 5 s where several answers together take too long', async () => {
  const clock = new SimulatedClock()
  const [time, ask] = [new LogTime(clock), logOn(clock, 2_000)]
  const since = clock.monotonicNow()
  for (let trip = 0; trip < 2; trip++) {
    const answer = time.spend(ask)
    await clock.advance(2_000)
    assert.equal(await answer, 'answer')
  }
  const refused = assert.rejects(time.spend(ask), UNAVAILABLE)
  await clock.advance(5_000 - (clock.monotonicNow() - since))
  await refused
})

test('what else a command waits for does not count, and when its time is up the log is not asked', async () => {
  const clock = new SimulatedClock()
  const time = new LogTime(clock)
  await clock.advance(60_000)
  assert.equal(await time.spend(async () => 'answer'), 'answer')
  const late = assert.rejects(time.spend(logOn(clock, 60_000)), UNAVAILABLE)
  await clock.advance(5_000)
  await late
  let asked = 0
  await assert.rejects(
    time.spend(async () => asked++),
    UNAVAILABLE,
  )
  assert.equal(asked, 0)
})

test('what the log refuses is refused as it says', async () => {
  const time = new LogTime(new SimulatedClock())
  await assert.rejects(
    time.spend(async () => {
      throw new RangeError('broken')
    }),
    { name: 'RangeError' },
  )
})
