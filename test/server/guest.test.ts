import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '../helpers.ts'
import { startProgram } from '../helpers/program.ts'

test('a chat replaces nothing that all share, listens to no signal, prints nothing, and lets its host end by itself', async (t) => {
  const host = new URL('guest-process.ts', import.meta.url).pathname
  const program = startProgram(t, process.execPath, [host, await temporaryFolder(t)])
  const { code, stdout, stderr } = await program.exited
  assert.equal(stderr, '')
  // Only a host that came to its own end prints this. What zod adds is where its copies in a process find each other.
  const added = ['globalThis.__zod_globalConfig', 'globalThis.__zod_globalRegistry']
  assert.deepEqual(JSON.parse(stdout), { replaced: [], added, listeners: [] })
  assert.equal(code, 0)
})
