import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CLOSE } from '../../src/protocol/close.ts'
import { COMMANDS } from '../../src/protocol/commands.ts'
import { ERROR_CODES } from '../../src/protocol/errors.ts'
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts'

/** The code, the documents and the suite name the same things: what one of them lacks fails here. */

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

const PROTOCOL = read('../../docs/PROTOCOL.md')
const ERRORS = read('../../docs/errors.md')
const EVENTS = read('../../src/protocol/events.ts')
const SUITE = globSync('*.test.ts', { cwd: import.meta.dirname })
  .filter((file) => file !== 'coverage.test.ts')
  .map((file) => read(file))
  .join('\n')

const commandTypes = Object.keys(COMMANDS)
const closeCodes = Object.values(CLOSE).map(({ code }) => String(code))
const eventTypes = all(EVENTS, /readonly type: '(\w+)'/g)

/** What `pattern` captures, everywhere in `text`. */
function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, captured]) => captured!)
}

/** The part of a document under that heading. */
function section(document: string, heading: string): string {
  const [, body] = document.split(`\n## ${heading}\n`)
  assert.ok(body, `there is no section "${heading}"`)
  return body.split('\n## ')[0]!
}

/** What the first column of a section's tables names. */
function firstColumn(document: string, heading: string, pattern: RegExp): string[] {
  const cells = all(section(document, heading), /^\| ([^|]+) \|/gm)
  return cells.flatMap((cell) => all(cell, pattern))
}

function assertSame(actual: readonly string[], expected: readonly string[]): void {
  assert.deepEqual(actual.toSorted(), expected.toSorted())
}

test('PROTOCOL.md has the commands there are, and no others', () => {
  const headings = all(section(PROTOCOL, 'Commands and their answers'), /^### (.*) → /gm)
  assertSame(
    headings.flatMap((heading) => all(heading, /`(\w+)`/g)),
    commandTypes,
  )
})

test('PROTOCOL.md has the events there are, and no others', () => {
  const answers = all(section(PROTOCOL, 'Commands and their answers'), /^### .* → `(\w+)`/gm)
  const events = firstColumn(PROTOCOL, 'Events', /`(\w+)`/g)
  assertSame([...new Set([...answers, ...events])], eventTypes)
})

test('both documents have the error codes there are, and no others', () => {
  assertSame(firstColumn(PROTOCOL, 'Errors', /`(\w+)`/g), ERROR_CODES)
  assertSame(firstColumn(ERRORS, 'Refused commands', /`(\w+)`/g), ERROR_CODES)
})

test('both documents have the close codes there are, and no others', () => {
  assertSame(firstColumn(PROTOCOL, 'Close codes', /(\d{4})/g), closeCodes)
  assertSame(firstColumn(ERRORS, 'Ended connections', /(\d{4})/g), closeCodes)
})

test('PROTOCOL.md names the limits that welcome tells', () => {
  const [row] = all(PROTOCOL, /^\| `limits` \| object \| (.*) \|$/gm)
  assertSame(all(row ?? '', /`(\w+)`/g), Object.keys(DEFAULT_LIMITS))
})

test('the suite sends every command, and waits for every event, error code and close code', () => {
  const untested = [
    ...commandTypes.filter((type) => !SUITE.includes(`type: '${type}'`)),
    ...eventTypes.filter((type) => !SUITE.includes(`'${type}'`)),
    ...ERROR_CODES.filter((code) => !SUITE.includes(`'${code}'`)),
    ...closeCodes.filter((code) => !new RegExp(`(, |\\[)${code}[,)\\]]`).test(SUITE)),
  ]
  assert.deepEqual(untested, [])
})
