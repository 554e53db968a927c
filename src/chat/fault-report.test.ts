import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '../protocol/errors.ts'
import { FaultReport } from './fault-report.ts'

test('an outage is told once in ten seconds, and another one beside it all the same', () => {
  let now = 0
  const told: string[] = []
  const faults = new FaultReport((error, { stage }) => told.push(`${stage}: ${String(error)}`), {
    monotonicNow: () => now,
  })
  const commands = { stage: 'carrying out a command' }
  faults.reportOutage('no Redis', commands)
  faults.reportOutage('no Redis', commands)
  faults.reportOutage('no keys', { stage: 'fetching the keys of tokens' })
  now = 10_000
  faults.reportOutage('no Redis', commands)
  assert.deepEqual(told, [
    'carrying out a command: no Redis',
    'fetching the keys of tokens: no keys',
    'carrying out a command: no Redis',
  ])
})

test('a refusal that comes of an outage is not told again', () => {
  const told: unknown[] = []
  const faults = new FaultReport((error) => told.push(error), { monotonicNow: () => 0 })
  const cause = new Error('no keys')
  faults.reportOutage(cause, { stage: 'fetching the keys of tokens' })
  faults.refusalOf(new ChatError('unavailable', 'try again', { cause }), { stage: 'carrying out a command' })
  assert.deepEqual(told, [cause])
})
