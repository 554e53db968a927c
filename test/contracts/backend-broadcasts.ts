import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BroadcastRecorder, openBackend } from './backend-helpers.ts'
import type { LogFactory } from './backend-helpers.ts'

export function testBroadcasts(createLog: LogFactory): void {
  test('a broadcast reaches every listener as it was said, in order', async (t) => {
    const backend = await openBackend(t, createLog)
    const [one, two] = [new BroadcastRecorder(), new BroadcastRecorder()]
    for (const listener of [one, two]) backend.listen(listener)
    const payloads = ['{"type":"x"}', '', 'zwei\nZeilen 👋']
    for (const payload of payloads) await backend.broadcast(payload)
    for (const listener of [one, two]) {
      await listener.until(({ heard }) => heard.length === 3)
      assert.deepEqual([listener.heard, listener.timesDeaf], [payloads, 0])
    }
  })

  test('a broadcast is for whoever listens then, room or no room', async (t) => {
    const backend = await openBackend(t, createLog)
    await backend.broadcast('to nobody')
    const [leaving, staying] = [new BroadcastRecorder(), new BroadcastRecorder()]
    const stop = backend.listen(leaving)
    backend.listen(staying)
    await backend.broadcast('one')
    await leaving.until(({ heard }) => heard.includes('one'))
    stop()
    stop()
    await backend.broadcast('two')
    await staying.until(({ heard }) => heard.includes('two'))
    assert.equal(leaving.heard.at(-1), 'one')
  })

  test('one listener may listen twice', async (t) => {
    const backend = await openBackend(t, createLog)
    const listener = new BroadcastRecorder()
    const stop = backend.listen(listener)
    backend.listen(listener)
    stop()
    await backend.broadcast('once')
    await listener.until(({ heard }) => heard.length > 0)
    assert.deepEqual(listener.heard, ['once'])
  })
}
