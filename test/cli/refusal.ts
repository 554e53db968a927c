import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { runNatter } from '../server-process.ts'
import type { ProcessOptions } from '../server-process.ts'

/** Fails unless `natter` does, with one line for people: what is wrong and what to do. Resolves with the line. */
export async function assertFails(t: TestContext, options: ProcessOptions, says: RegExp): Promise<string> {
  const { code, stdout, stderr } = await runNatter(t, options)
  assert.match(stderr, /^natter: [^\n]+\n$/)
  assert.match(stderr, says)
  assert.equal(stdout, '')
  assert.ok(code !== null && code > 0, `exit code ${code}`)
  return stderr
}
