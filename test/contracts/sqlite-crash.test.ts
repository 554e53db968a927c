import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createSqliteBackend } from '../../src/backend/sqlite.ts'
import { temporaryFolder } from '../helpers.ts'
import { readAll, resumed, TEA, textOf } from './backend-helpers.ts'
import type { Answer } from './sqlite-writer.ts'

const WRITER = join(import.meta.dirname, 'sqlite-writer.ts')

test('kill -9 amid traffic, again and again: whatever was answered is there once, in its place', async (t) => {
  const file = join(await temporaryFolder(t), 'natter.db')
  const answers: Answer[] = []
  for (const answersBeforeKill of [1, 400, 37, 150, 800]) {
    // The first writes without an answer are made again with their keys: they may or may not be in the log.
    const writer = spawn(process.execPath, [WRITER, file, String(answers.length)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => writer.kill('SIGKILL'))
    const enough = answers.length + answersBeforeKill
    const exited = once(writer, 'exit')
    for await (const line of createInterface(writer.stdout)) {
      answers.push(JSON.parse(line) as Answer)
      if (answers.length === enough) writer.kill('SIGKILL')
    }
    assert.deepEqual(await exited, [null, 'SIGKILL'])
    await assertStored(file, answers)
  }
})

test('a disk that is full refuses appends, and keeps what was answered', async (t) => {
  const file = join(await temporaryFolder(t), 'natter.db')
  // No file may grow past 4,096 blocks of 512 bytes.
  const shell = ['-c', 'ulimit -f 4096 && exec "$0" "$@"', process.execPath, WRITER, file, '0']
  const writer = spawn('/bin/sh', shell, { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => writer.kill('SIGKILL'))
  const [output, errors, [code]] = await Promise.all([text(writer.stdout), text(writer.stderr), once(writer, 'exit')])
  assert.deepEqual([code, errors], [0, 'ChatError: the log cannot be reached right now'])
  const answers = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
  assert.ok(answers.length > 100)
  await assertStored(file, answers)
})

/** Opens the log as the next process would: the messages are numbered without a hole, and the answered ones are where they were said to be. */
async function assertStored(file: string, answers: readonly Answer[]): Promise<void> {
  const backend = createSqliteBackend({ file })
  try {
    const messages = await readAll(backend)
    assert.deepEqual(
      messages.map(textOf),
      messages.map((_, index) => String(index)),
    )
    assert.deepEqual(
      messages.map(({ seq }) => seq),
      messages.map((_, index) => index + 1),
    )
    assert.deepEqual(
      answers.map(({ number }) => number),
      answers.map((_, index) => index),
    )
    for (const { number, position } of answers) {
      assert.equal(position.seq, number + 1)
      resumed(await backend.readChanges(TEA, position, 1))
    }
  } finally {
    await backend.close()
  }
}
