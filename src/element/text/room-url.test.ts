import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roomOfPath, roomUrl } from './room-url.ts'

test('the lobby is at the root of the chat, other rooms under /r/', () => {
  assert.equal(roomUrl('https://a.example/chat', 'lobby'), 'https://a.example/chat/')
  assert.equal(roomUrl('https://a.example/chat/', 'order:42'), 'https://a.example/chat/r/order%3A42')
  assert.equal(roomUrl('https://a.example/', 'tée'), 'https://a.example/r/t%C3%A9e')
})

test('a path leads back to the room', () => {
  for (const room of ['lobby', 'order:42', 'tée']) {
    assert.equal(roomOfPath(new URL(roomUrl('https://a.example/chat', room)).pathname), room)
  }
  assert.equal(roomOfPath('/chat'), 'lobby')
  assert.equal(roomOfPath('/r/tea/'), 'tea')
})
