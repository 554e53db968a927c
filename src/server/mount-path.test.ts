import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MountPath } from './mount-path.ts'

test('a chat at / has every path, and its root only once', () => {
  const mount = new MountPath('/')
  assert.equal(mount.base, '')
  assert.equal(mount.within('/'), '/')
  assert.equal(mount.within('/r/tea?x=/#y'), '/r/tea')
  assert.equal(mount.within('/?token=1'), '/')
  assert.equal(mount.within('//evil.example/'), '//evil.example/')
  assert.equal(mount.within('http://evil.example/'), undefined)
})

test('a chat at /chat has what lies under it, with and without the slash', () => {
  for (const path of ['/chat', '/chat/']) {
    const mount = new MountPath(path)
    assert.equal(mount.base, '/chat')
    assert.equal(mount.within('/chat'), '/')
    assert.equal(mount.within('/chat/?x'), '/')
    assert.equal(mount.within('/chat/r/tea'), '/r/tea')
    assert.equal(mount.within('/chatter'), undefined)
    assert.equal(mount.within('/'), undefined)
    assert.equal(mount.within('//chat'), undefined)
  }
})

test('what is not a path is refused by its value', () => {
  for (const path of ['', 'chat', '//', '/chat//', '/a b', '/chat?x', 'http://chat.example/']) {
    assert.throws(
      () => new MountPath(path),
      (error) => error instanceof TypeError && error.message.startsWith(`path: "${path}" `),
    )
  }
})
