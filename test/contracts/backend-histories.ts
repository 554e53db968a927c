import { test } from 'node:test'
import * as fc from 'fast-check'
import type { LogFactory } from './backend-helpers.ts'
import { historyOf, ModelledRoom } from './modelled-room.ts'

/** Histories tried. Each is a log of its own. */
const RUNS = 40

export function testHistories(createLog: LogFactory): void {
  test('after any history, all that the log answers is what a simple model of it answers', async () => {
    const property = fc.asyncProperty(historyOf(), async (steps) => {
      const log = await createLog()
      const backend = await log.open()
      try {
        const room = await ModelledRoom.open(backend)
        for (const step of steps) await room.take(step)
        await room.check()
      } finally {
        await backend.close()
        await log.remove()
      }
    })
    await fc.assert(property, { numRuns: RUNS })
  })
}
