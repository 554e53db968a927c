import assert from 'node:assert/strict'
import type { Backend } from '../../src/backend/backend.ts'
import type { UserId } from '../../src/protocol/ids.ts'
import { append, Recorder, TEA, write } from './backend-helpers.ts'

const FAULTS = 40
/** Changes between two faults. */
const SOME = 20
/** Writes of a stream that are on their way at a time. */
const MAX_UNANSWERED = 100

/**
 * Has each process send a stream of one user's writes while `fault` comes again and again, and fails unless every write is stored once, in
 * the order it was sent in.
 */
export async function assertOrderKept(processes: readonly Backend[], fault: () => Promise<unknown>): Promise<void> {
  const listener = new Recorder()
  await processes[0]?.subscribe(TEA, listener)
  const over = new AbortController()
  // One with every turn of the event loop, whatever is answered meanwhile, up to a number.
  const stream = async (backend: Backend, name: number): Promise<number> => {
    const answers = []
    let answered = 0
    while (!over.signal.aborted) {
      if (answers.length - answered < MAX_UNANSWERED) {
        const one = write(`${name} ${answers.length}`, { sender: `u_${name}` as UserId })
        answers.push(append(backend, one).finally(() => answered++))
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const { duplicate } of await Promise.all(answers)) assert.equal(duplicate, false)
    return answers.length
  }
  const streams = Promise.all(processes.map(stream))
  for (let faults = 0; faults < FAULTS && !over.signal.aborted; faults++) {
    const enough = listener.changes.length + SOME
    await Promise.race([listener.until(({ changes }) => changes.length >= enough), streams])
    await fault()
  }
  over.abort()
  const counts = await streams
  await listener.until(({ changes }) => changes.length >= counts.reduce((sum, count) => sum + count))
  for (const [name, count] of counts.entries()) {
    assert.deepEqual(
      listener.texts.filter((text) => text.startsWith(`${name} `)),
      Array.from({ length: count }, (_, number) => `${name} ${number}`),
    )
  }
}
