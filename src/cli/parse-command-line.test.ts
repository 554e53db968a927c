import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCommandLine } from './parse-command-line.ts'

test('without a command the server is served', () => {
  assert.deepEqual(parseCommandLine([]), { kind: 'run', command: 'serve', args: [] })
  assert.deepEqual(parseCommandLine(['--port', '1']), { kind: 'run', command: 'serve', args: ['--port', '1'] })
  assert.deepEqual(parseCommandLine(['serve', '--port', '1']), {
    kind: 'run',
    command: 'serve',
    args: ['--port', '1'],
  })
})

test('help and version are told, whatever stands beside them', () => {
  for (const args of [['--help'], ['-h'], ['serve', '--help'], ['--port', '1', '-h']])
    assert.deepEqual(parseCommandLine(args), { kind: 'help', command: 'serve' })
  for (const args of [['--version'], ['-v']]) assert.deepEqual(parseCommandLine(args), { kind: 'version' })
})

test('an unknown command is told', () => {
  assert.throws(() => parseCommandLine(['start']), {
    name: 'UsageError',
    message: 'start: there is no such command; natter --help shows what there is',
  })
})
