import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, duration } from './option-kinds.ts'
import { findForRoom, perRoom } from './per-room.ts'

const kind = perRoom(count())

function valuesOf(text: string, ...rooms: readonly string[]): (number | undefined)[] {
  const values = kind.parse(text)
  return rooms.map((room) => findForRoom(values, room))
}

test('one value is for all rooms', () => {
  assert.deepEqual(valuesOf('30', 'lobby', 'order:1'), [30, 30])
})

test('the most exact name counts, in whatever order they are given', () => {
  const rooms = ['lobby', 'order:1', 'order:eu:1', 'order:eu', 'orders']
  assert.deepEqual(valuesOf('30,order:*=90,order:eu:*=10,lobby=0', ...rooms), [0, 90, 10, 90, 30])
  assert.deepEqual(valuesOf('lobby=0, order:eu:*=10, order:*=90, 30', ...rooms), [0, 90, 10, 90, 30])
  assert.deepEqual(valuesOf('a*=1,a=2', 'a', 'ab'), [2, 1])
})

test('where no value fits there is none, and of two that are said alike the last one counts', () => {
  assert.deepEqual(valuesOf('order:*=90', 'lobby'), [undefined])
  assert.deepEqual(valuesOf('1,2,*=3', 'lobby'), [3])
})

test('names are those of rooms, in any script', () => {
  assert.deepEqual(valuesOf('Cafe\u0301=5', 'Caf\u00e9'), [5])
  for (const text of ['a b=3', '=3', 'a*b=3', '*a=3', 'a=b=3'])
    assert.throws(() => kind.parse(text), /must be a (value, or <room>=<value>|whole number)/, text)
  for (const text of ['', 'tea=', '30,', '-1', 'tea=x']) assert.throws(() => kind.parse(text), /whole number/, text)
})

test('it is written as it is read', () => {
  const times = perRoom(duration)
  const values = times.parse('30d,order:*=36h,lobby=0')
  assert.equal(times.format(values), '*=30d,order:*=36h,lobby=0')
  assert.deepEqual(times.parse(times.format(values)), values)
})
