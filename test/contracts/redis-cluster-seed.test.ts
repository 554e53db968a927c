import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { roomOn, startCluster } from '../helpers/redis-cluster.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { append, fill, readAll, Recorder, textsOf, write } from './backend-helpers.ts'
import { openOn, patiently } from './redis-helpers.ts'

suite('a server that is gone for good', { concurrency: 2 }, () => {
  for (const [fate, strike] of [
    ['killed', (server: TestRedis) => server.kill()],
    ['frozen', (server: TestRedis) => server.freeze()],
  ] as const) {
    test(`${fate}, though the URL names it: its replica takes over, and processes go on`, async (t) => {
      const own = await startCluster(1)
      t.after(() => own.close())
      const [seed] = own.primaries
      assert.ok(seed)
      const [one, two] = [await openOn(t, seed), await openOn(t, seed)]
      const [room, elsewhere] = [roomOn(0), roomOn(1)]
      const listener = new Recorder()
      await two.subscribe(room, listener)
      await fill(one, ['before'], room)
      await fill(one, ['before'], elsewhere)
      await seed.command('WAIT', '1', '0')
      await strike(seed)
      const late = [room, elsewhere].flatMap((where) => ['after', 'later'].map((text) => write(text, { room: where })))
      const last = write('last', { room })
      for (const once of late) await patiently(() => append(one, once))
      await patiently(() => one.ping())
      // The replica may lack what was accepted last, so positions of the old epoch are void.
      await listener.until(({ resets }) => resets.length === 1)
      assert.deepEqual(listener.resets, ['epoch'])
      await patiently(() => append(one, last))
      await listener.until(({ texts }) => texts.at(-1) === 'last')
      const seen = await Promise.all([room, elsewhere].map((where) => patiently(() => readAll(two, where))))
      assert.deepEqual(seen.map(textsOf), [
        ['before', 'after', 'later', 'last'],
        ['before', 'after', 'later'],
      ])
    })
  }
})
