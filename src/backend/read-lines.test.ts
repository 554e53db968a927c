import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLines } from './read-lines.ts'

async function linesOf(chunks: readonly string[], maxBytes = 100): Promise<string[]> {
  const lines: string[] = []
  for await (const line of readLines(inChunks(chunks), maxBytes)) lines.push(line.toString())
  return lines
}

async function* inChunks(chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk, 'latin1')
}

test('lines are the same however the input is cut', async () => {
  const text = 'one\n\ntwo three\nfour\n'
  for (let size = 1; size <= text.length; size++) {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size))
    assert.deepEqual(await linesOf(chunks), ['one', '', 'two three', 'four'])
  }
})

test('a character that is cut in two is whole again', async () => {
  const bytes = Buffer.from('é👍\n').toString('latin1')
  assert.deepEqual(await linesOf(bytes.split('')), ['é👍'])
})

test('what follows the last break is a line', async () => {
  assert.deepEqual(await linesOf(['one\ntw', 'o']), ['one', 'two'])
  assert.deepEqual(await linesOf([]), [])
})

test('a line without an end is not held in memory for ever', async () => {
  const half = 'x'.repeat(60)
  await assert.rejects(linesOf([half, half, half]), { name: 'RangeError', message: 'a line is longer than 100 bytes' })
})
