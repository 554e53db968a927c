import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Subscription } from '../../src/backend/backend.ts'
import { append, COFFEE, fill, openBackend, Recorder, seqsTo, TEA, write } from './backend-helpers.ts'
import type { LogFactory } from './backend-helpers.ts'

export function testSubscriptions(createLog: LogFactory): void {
  test('a listener gets the changes after the head it was given, in order, and no other room’s', async (t) => {
    const backend = await openBackend(t, createLog)
    await fill(backend, ['one', 'two'])
    const listener = new Recorder()
    const { head } = await backend.subscribe(TEA, listener)
    await fill(backend, ['espresso'], COFFEE)
    await fill(backend, ['three', 'four'])
    assert.equal(head.seq, 2)
    assert.deepEqual(listener.texts, ['three', 'four'])
    assert.deepEqual(listener.seqs, [3, 4])
    assert.deepEqual(listener.changes.at(-1)?.position, await backend.head(TEA))
  })

  test('listeners have a change before its writer has the answer', async (t) => {
    const backend = await openBackend(t, createLog)
    const events: string[] = []
    const listener = new Recorder()
    listener.onChange = ({ position }) => events.push(`change ${position.seq}`)
    await backend.subscribe(TEA, listener)
    const answer = async (): Promise<void> => {
      const { position } = await append(backend, write('hi'))
      events.push(`answer ${position.seq}`)
    }
    await answer()
    await Promise.all([answer(), answer()])
    for (const seq of seqsTo(3))
      assert.ok(events.indexOf(`change ${seq}`) < events.indexOf(`answer ${seq}`), events.join())
  })

  test('whenever one subscribes among appends, the head and the changes after it fit', async (t) => {
    const backend = await openBackend(t, createLog)
    const answers: Promise<unknown>[] = []
    const subscribed: { listener: Recorder; subscription: Promise<Subscription> }[] = []
    for (let i = 0; i < 20; i++) {
      const listener = new Recorder()
      answers.push(append(backend, write('before')))
      subscribed.push({ listener, subscription: backend.subscribe(TEA, listener) })
      answers.push(append(backend, write('after')))
      if (i % 5 === 4) await Promise.all(answers)
    }
    await Promise.all(answers)
    for (const { listener, subscription } of subscribed) {
      const { head } = await subscription
      assert.deepEqual(listener.seqs, seqsTo(40, head.seq + 1))
    }
  })

  test('a listener that subscribes another while it is told of a change skips and repeats nothing', async (t) => {
    const backend = await openBackend(t, createLog)
    const [first, second] = [new Recorder(), new Recorder()]
    let subscription: Promise<Subscription> | undefined
    first.onChange = () => void (subscription ??= backend.subscribe(TEA, second))
    await backend.subscribe(TEA, first)
    await Promise.all(seqsTo(3).map(() => append(backend, write('together'))))
    assert.ok(subscription)
    const { head } = await subscription
    await append(backend, write('later'))
    assert.deepEqual(second.seqs, seqsTo(4, head.seq + 1))
  })

  test('a closed subscription is silent, and the others go on', async (t) => {
    const backend = await openBackend(t, createLog)
    const [leaving, staying] = [new Recorder(), new Recorder()]
    const subscription = await backend.subscribe(TEA, leaving)
    await backend.subscribe(TEA, staying)
    await fill(backend, ['one'])
    subscription.close()
    subscription.close()
    await fill(backend, ['two'])
    assert.deepEqual(leaving.texts, ['one'])
    assert.deepEqual(staying.texts, ['one', 'two'])
  })

  test('one listener may hold two subscriptions', async (t) => {
    const backend = await openBackend(t, createLog)
    const listener = new Recorder()
    const once = await backend.subscribe(TEA, listener)
    await backend.subscribe(TEA, listener)
    once.close()
    await fill(backend, ['hi'])
    assert.deepEqual(listener.texts, ['hi'])
  })
}
