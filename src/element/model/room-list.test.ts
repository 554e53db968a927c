import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RoomList } from './room-list.ts'
import type { Memory } from './storage.ts'

/** A memory with `values` in it, as a browser would have kept them. */
function memoryOf(values: Record<string, string> = {}): Memory {
  const kept = new Map(Object.entries(values))
  const listeners = new Set<(name: string, value: string | undefined) => void>()
  return {
    read: (name) => kept.get(name),
    write(name, value) {
      if (value) kept.set(name, value)
      else kept.delete(name)
      for (const listener of listeners) listener(name, value || undefined)
    },
    names: (start) => [...kept.keys()].filter((name) => name.startsWith(start)),
    watch: () => () => {},
    watchAll(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function names({ rooms }: RoomList): string[] {
  return rooms.value.map(({ name }) => name)
}

test('the lobby comes first, then the rooms that were visited or that hold a draft, by name', () => {
  const list = new RoomList(memoryOf({ 'draft:zoo': 'half a' }))
  list.visit('tea')
  list.visit('lobby')
  list.visit('books')
  list.visit('tea')
  assert.deepEqual(names(list), ['lobby', 'books', 'tea', 'zoo'])
  assert.deepEqual(
    list.rooms.value.filter(({ hasDraft }) => hasDraft).map(({ name }) => name),
    ['zoo'],
  )
})

test('a draft that begins or ends changes the list, its other letters do not', () => {
  const memory = memoryOf()
  const list = new RoomList(memory)
  list.visit('tea')
  memory.write('draft:tea', 'h')
  const marked = list.rooms.value
  assert.equal(marked[1]?.hasDraft, true)
  memory.write('draft:tea', 'he')
  assert.equal(list.rooms.value, marked)
  memory.write('draft:tea', '')
  assert.equal(list.rooms.value[1]?.hasDraft, false)
})

test('it remembers the fifty rooms visited last, and passes over what it did not write itself', () => {
  const list = new RoomList(memoryOf({ rooms: '{"not":"a list"}', 'draft:no room': 'x' }))
  assert.deepEqual(names(list), ['lobby'])
  for (let room = 0; room < 60; room += 1) list.visit(`r${room}`)
  assert.equal(names(list).length, 51)
  assert.ok(!names(list).includes('r9') && names(list).includes('r10'))
})
