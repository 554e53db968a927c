import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Environment } from './environment.ts'
import { FrameBudget } from './frame-log.ts'
import { PageCache } from './page-cache.ts'

class Clock {
  ms = 0
  readonly environment = { monotonicNow: () => this.ms } as unknown as Environment
}

interface Cached {
  readonly clock: Clock
  readonly budget: FrameBudget
  readonly cache: PageCache<string>
  /** The names of the pages that had to be read, in order. */
  readonly reads: string[]
  readonly get: (name: string, page?: string) => Promise<string>
}

function cached(maxPages = 2): Cached {
  const clock = new Clock()
  const budget = new FrameBudget()
  const cache = new PageCache<string>(clock.environment, budget, maxPages, (page) => page.length)
  const reads: string[] = []
  const get = (name: string, page = 'page'): Promise<string> =>
    cache.get(name, () => {
      reads.push(name)
      return Promise.resolve(page)
    })
  return { clock, budget, cache, reads, get }
}

test('a page is read once for all who ask at the same time, and after', async () => {
  const { reads, get } = cached()
  assert.deepEqual(await Promise.all([get('a'), get('a')]), ['page', 'page'])
  await get('a')
  assert.deepEqual(reads, ['a'])
})

test('what is kept counts in the budget until it goes: by age without use, by others, by clear and by close', async () => {
  const { clock, budget, cache, reads, get } = cached()
  await get('a', '12345')
  assert.equal(budget.bytes, 5)
  clock.ms = 9_000
  await get('a')
  clock.ms = 18_000
  cache.expire()
  assert.equal(budget.bytes, 5)
  clock.ms = 19_000
  cache.expire()
  assert.equal(budget.bytes, 0)
  for (const name of ['b', 'c', 'd']) await get(name, '123')
  assert.equal(budget.bytes, 6)
  cache.clear()
  assert.equal(budget.bytes, 0)
  cache.close()
  await get('e')
  await get('e')
  assert.equal(budget.bytes, 0)
  assert.deepEqual(reads, ['a', 'b', 'c', 'd', 'e', 'e'])
})

test('a page that was let go of while it was read is not counted', async () => {
  const { budget, cache, get } = cached()
  const reading = get('a')
  cache.clear()
  await reading
  assert.equal(budget.bytes, 0)
})

test('a page that could not be read, or is of no size, is read again', async () => {
  const { cache, reads, get } = cached()
  await assert.rejects(
    cache.get('a', () => Promise.reject(new Error('away'))),
    /away/,
  )
  assert.equal(await get('a', ''), '')
  assert.equal(await get('a', 'page'), 'page')
  assert.deepEqual(reads, ['a', 'a'])
})

test('nothing is kept while the budget is used up', async () => {
  const { budget, reads, get } = cached()
  budget.bytes = FrameBudget.MAX_BYTES + 1
  await get('a')
  await get('a')
  assert.deepEqual(reads, ['a', 'a'])
  assert.equal(budget.bytes, FrameBudget.MAX_BYTES + 1)
})
