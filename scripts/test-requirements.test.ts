import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import {
  ensureRequirements,
  findChromium,
  findExecutable,
  hasEmojiFont,
  howToGet,
  REQUIREMENTS,
} from './test-requirements.ts'

test('what is there is left alone', () => {
  ensureRequirements([
    { name: 'air', debianPackages: ['no-such-package'], elsewhere: 'breathing', isPresent: () => true },
  ])
})

test('on Debian a person is told the one command that gets everything', () => {
  const tea = { name: 'tea', elsewhere: 'growing it', isPresent: () => false }
  const missing = [
    { ...tea, debianPackages: ['kettle', 'leaves'] },
    { ...tea, debianPackages: ['cup'] },
  ]
  assert.equal(
    howToGet(missing, true).split('\n').at(-1),
    'Get it by: sudo apt-get update && sudo apt-get install -y kettle leaves cup',
  )
})

test('elsewhere a person is told about each missing thing how to get it', () => {
  const lines = howToGet(REQUIREMENTS, false).split('\n').slice(1)
  assert.equal(lines.length, REQUIREMENTS.length)
  for (const line of lines) assert.match(line, /^- .+: get it by .+/)
})

test('a program is found on the PATH as a shell finds it', () => {
  assert.notEqual(findExecutable('sh'), undefined)
  assert.equal(findExecutable('no-such-program-anywhere'), undefined)
})

/** Sets a variable of this process for one test. */
function setVariable(t: TestContext, name: string, value: string): void {
  const before = process.env[name]
  process.env[name] = value
  t.after(() => {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  })
}

test('a browser that was chosen and is not there is missing, whatever else is installed', (t) => {
  setVariable(t, 'CHROMIUM_PATH', '/no/such/browser')
  assert.equal(findChromium(), undefined)
})

test('a browser that was chosen is the one', (t) => {
  setVariable(t, 'CHROMIUM_PATH', process.execPath)
  assert.equal(findChromium(), process.execPath)
})

test('on Linux, without fontconfig, no font is taken for granted', (t) => {
  setVariable(t, 'PATH', '/no/such/folder')
  assert.equal(hasEmojiFont(), process.platform !== 'linux')
})
