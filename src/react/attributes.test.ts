import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attributesOf } from './attributes.ts'

const written = (props: Parameters<typeof attributesOf>[0]): [string, unknown][] =>
  Object.entries(attributesOf(props)).filter(([, value]) => value !== undefined)

test('what is false is not written at all: React 18 would make an attribute of it that is there', () => {
  assert.deepEqual(written({ popup: false, open: false, rooms: false, autoFocus: false }), [])
  const all = { popup: true, open: true, rooms: true, autoFocus: true }
  assert.deepEqual(Object.fromEntries(written(all)), { popup: true, open: true, rooms: true, autofocus: true })
})

test('other props are written by their names in HTML; functions, clients and children are not', () => {
  const props = { room: 'tea', tokenUrl: '/token', className: 'wide', onMessage: () => {}, tokenProvider: () => '' }
  assert.deepEqual(written({ ...props, children: 'Open the chat' }), [
    ['room', 'tea'],
    ['token-url', '/token'],
    ['class', 'wide'],
  ])
})
