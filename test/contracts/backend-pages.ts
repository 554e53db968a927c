import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Backend, Page, PageQuery } from '../../src/backend/backend.ts'
import type { MessageId, Seq } from '../../src/protocol/ids.ts'
import { MAX_PAGE_UNITS } from '../../src/protocol/limits.ts'
import { append, COFFEE, edit, fill, openBackend, readAll, TEA, textOf, textsOf } from './backend-helpers.ts'
import type { LogFactory } from './backend-helpers.ts'

/** Bodies of which three fill a page. */
const LONG = 'x'.repeat(MAX_PAGE_UNITS / 3 - 100)

export function testPages(createLog: LogFactory): void {
  test('a page has the messages next to its edge, oldest first, and says what lies beyond', async (t) => {
    const backend = await openBackend(t, createLog)
    const [first, second, third, , fifth] = await fill(backend, ['1', '2', '3', '4', '5'])
    const cases: [PageQuery, string][] = [
      [{ limit: 3 }, '< 3 4 5'],
      [{ limit: 5 }, '1 2 3 4 5'],
      [{ limit: 9 }, '1 2 3 4 5'],
      [{ limit: 2, before: 4 as Seq }, '< 2 3 >'],
      [{ limit: 3, before: 4 as Seq }, '1 2 3 >'],
      [{ limit: 2, before: 6 as Seq }, '< 4 5'],
      [{ limit: 2, before: Number.MAX_SAFE_INTEGER as Seq }, '< 4 5'],
      [{ limit: 2, before: 1 as Seq }, '>'],
      [{ limit: 2, before: 0 as Seq }, '>'],
      [{ limit: 2, after: 0 as Seq }, '1 2 >'],
      [{ limit: 2, after: 2 as Seq }, '< 3 4 >'],
      [{ limit: 3, after: 2 as Seq }, '< 3 4 5'],
      [{ limit: 2, after: 5 as Seq }, '<'],
      [{ limit: 2, after: Number.MAX_SAFE_INTEGER as Seq }, '<'],
      [{ limit: 1, around: third }, '< 3 >'],
      [{ limit: 3, around: third }, '< 2 3 4 >'],
      [{ limit: 5, around: third }, '1 2 3 4 5'],
      [{ limit: 3, around: first }, '1 2 3 >'],
      [{ limit: 3, around: fifth }, '< 3 4 5'],
      [{ limit: 9, around: second }, '1 2 3 4 5'],
    ]
    for (const [query, expected] of cases) {
      assert.equal(picture(await backend.readPage(TEA, query)), expected, JSON.stringify(query))
    }
  })

  test('an even page around a message leans to one side by one', async (t) => {
    const backend = await openBackend(t, createLog)
    const [, , third] = await fill(backend, ['1', '2', '3', '4', '5'])
    const page = picture(await backend.readPage(TEA, { limit: 4, around: third }))
    assert.ok(page === '1 2 3 4 >' || page === '< 2 3 4 5', page)
  })

  test('pages go by the seq of the post, with changed messages as they now stand', async (t) => {
    const backend = await openBackend(t, createLog)
    const [first] = await fill(backend, ['1', '2'])
    await append(backend, edit(first, 1, '1 again'))
    await fill(backend, ['4'])
    const { messages, head } = await backend.readPage(TEA, { limit: 9 })
    assert.deepEqual(textsOf(messages), ['1 again', '2', '4'])
    assert.deepEqual(
      messages.map(({ seq, rev }) => [seq, rev]),
      [
        [1, 3],
        [2, 2],
        [4, 4],
      ],
    )
    assert.deepEqual(head, await backend.head(TEA))
    assert.equal(picture(await backend.readPage(TEA, { limit: 1, before: 4 as Seq })), '< 2 >')
    assert.equal(picture(await backend.readPage(TEA, { limit: 1, after: 2 as Seq })), '< 4')
    assert.equal(picture(await backend.readPage(TEA, { limit: 1, after: 3 as Seq })), '< 4')
  })

  test('a page of long messages ends early, is never empty, and leaves none out', async (t) => {
    const backend = await openBackend(t, createLog)
    const names = ['1', '2', '3', '4', '5', '6', '7']
    const ids = await fill(
      backend,
      names.map((name) => `${name}${LONG}`),
    )
    assert.equal(picture(await backend.readPage(TEA, { limit: 100 })), '< 5 6 7')
    assert.equal(picture(await backend.readPage(TEA, { limit: 100, before: 5 as Seq })), '< 2 3 4 >')
    assert.equal(picture(await backend.readPage(TEA, { limit: 100, after: 0 as Seq })), '1 2 3 >')
    assert.equal(picture(await backend.readPage(TEA, { limit: 100, around: ids[3] as MessageId })), '< 3 4 5 >')
    assert.deepEqual(await walk(backend, 'before'), names)
    assert.deepEqual(await walk(backend, 'after'), names)
  })

  test('a message longer than a page is a page', async (t) => {
    const backend = await openBackend(t, createLog)
    const [, huge] = await fill(backend, ['1', `2${'x'.repeat(MAX_PAGE_UNITS)}`, '3'])
    assert.equal(picture(await backend.readPage(TEA, { limit: 100, before: 3 as Seq })), '< 2 >')
    assert.equal(picture(await backend.readPage(TEA, { limit: 100, after: 1 as Seq })), '< 2 >')
    assert.equal(picture(await backend.readPage(TEA, { limit: 100, around: huge })), '< 2 >')
    assert.equal(picture(await backend.readPage(TEA, { limit: 100 })), '< 3')
  })

  test('an empty room has an empty page', async (t) => {
    const backend = await openBackend(t, createLog)
    assert.equal(picture(await backend.readPage(TEA, { limit: 10 })), '')
    assert.equal(picture(await backend.readPage(TEA, { limit: 10, before: 7 as Seq })), '')
    assert.equal(picture(await backend.readPage(TEA, { limit: 10, after: 7 as Seq })), '')
  })

  test('a page around a message that this room does not have is refused', async (t) => {
    const backend = await openBackend(t, createLog)
    const [around] = await fill(backend, ['espresso'], COFFEE)
    const refusal = { name: 'ChatError', code: 'message_not_found' }
    await assert.rejects(backend.readPage(TEA, { limit: 10, around }), refusal)
    await fill(backend, ['tea'])
    await assert.rejects(backend.readPage(TEA, { limit: 10, around }), refusal)
  })

  test('pages and messages of rooms that lie side by side do not mix', async (t) => {
    const backend = await openBackend(t, createLog)
    await fill(backend, ['t1'])
    const [espresso] = await fill(backend, ['c1', 'c2'], COFFEE)
    await fill(backend, ['t2'])
    assert.equal(picture(await backend.readPage(TEA, { limit: 10 })), 't1 t2')
    assert.equal(picture(await backend.readPage(COFFEE, { limit: 10 })), 'c1 c2')
    assert.equal(picture(await backend.readPage(TEA, { limit: 10, after: 0 as Seq })), 't1 t2')
    // Past the head, and past what fits the halves and quarters of a word.
    for (const far of [3, 2 ** 32, 2 ** 36, 2 ** 48, Number.MAX_SAFE_INTEGER] as Seq[]) {
      assert.equal(picture(await backend.readPage(TEA, { limit: 10, before: far })), 't1 t2')
      assert.equal(picture(await backend.readPage(TEA, { limit: 10, after: far })), '<')
    }
    assert.deepEqual(textsOf(await readAll(backend, TEA)), ['t1', 't2'])
    assert.deepEqual(textsOf(await readAll(backend, COFFEE)), ['c1', 'c2'])
    assert.equal(await backend.findMessage(TEA, espresso), undefined)
    await backend.trim(COFFEE, 1 as Seq)
    assert.equal(picture(await backend.readPage(TEA, { limit: 10 })), 't1 t2')
    await backend.trim(TEA, 2 as Seq)
    assert.equal(picture(await backend.readPage(COFFEE, { limit: 10 })), 'c2')
  })
}

/** The page's texts, without what makes them long, and whether there is more on either side. */
function picture({ messages, hasOlder, hasNewer }: Page): string {
  return [hasOlder ? '<' : '', ...messages.map(nameOf), hasNewer ? '>' : ''].filter((part) => part !== '').join(' ')
}

function nameOf(message: Page['messages'][number]): string {
  return textOf(message).replace(/x+$/, '')
}

/** Reads the whole history page by page. */
async function walk(backend: Backend, direction: 'before' | 'after'): Promise<string[]> {
  const names: string[] = []
  let edge = direction === 'before' ? Number.MAX_SAFE_INTEGER : 0
  for (;;) {
    const query = direction === 'before' ? { limit: 100, before: edge as Seq } : { limit: 100, after: edge as Seq }
    const { messages, hasOlder, hasNewer } = await backend.readPage(TEA, query)
    assert.ok(messages.length > 0)
    if (direction === 'before') names.unshift(...messages.map(nameOf))
    else names.push(...messages.map(nameOf))
    edge = (direction === 'before' ? messages.at(0) : messages.at(-1))?.seq ?? 0
    if (!(direction === 'before' ? hasOlder : hasNewer)) return names
  }
}
