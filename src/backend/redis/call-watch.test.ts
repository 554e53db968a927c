import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallWatch } from './call-watch.ts'

test('a call that is not answered is reported, while others are', async () => {
  const { promise: reported, resolve } = Promise.withResolvers<number>()
  const watch = new CallWatch(20, 5, resolve)
  const stuck = watch.begin()
  const others = setInterval(() => watch.end(watch.begin()), 1)
  assert.ok((await reported) >= 20)
  clearInterval(others)
  watch.end(stuck)
  await watch.idle()
})

test('calls whose answers are here to be read, since this process itself stood still, are not reported', async () => {
  const watch = new CallWatch(10, 5, () => assert.fail('reported'))
  const call = watch.begin()
  const until = performance.now() + 30
  while (performance.now() < until);
  // What a socket would do in the phase after the timers.
  const { promise: read, resolve } = Promise.withResolvers<void>()
  setImmediate(resolve)
  await read
  watch.end(call)
  await watch.idle()
  assert.equal(watch.size, 0)
})

test('it is idle once the last call has ended', async () => {
  const watch = new CallWatch(1_000, 500, () => assert.fail('reported'))
  const calls = [watch.begin(), watch.begin()]
  const idle = watch.idle()
  for (const call of calls) watch.end(call)
  await idle
})
