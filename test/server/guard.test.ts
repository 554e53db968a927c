import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { observing } from '../helpers.ts'
import { resolveOptions } from '../../src/server/options.ts'
import type { ChatMiddlewareOptions } from '../../src/server/options.ts'

/** A process warning for the first failure; an exception or a rejection that nobody handles fails the test. */
async function assertWarnsOnce(options: Omit<ChatMiddlewareOptions, 'backend'>): Promise<void> {
  // Nothing of the backend is used here.
  const backend = {} as ChatMiddlewareOptions['backend']
  const { onError, observers } = resolveOptions({ ...options, backend })
  const warnings: Error[] = []
  const collect = (warning: Error): number => warnings.push(warning)
  process.on('warning', collect)
  const warned = once(process, 'warning')
  for (let n = 0; n < 2; n++) {
    onError(new Error('a fault'), { stage: 'testing' })
    for (const observer of observers) observer.onTurnAway('127.0.0.1', { code: 1008, reason: 'testing' })
  }
  await warned
  process.off('warning', collect)
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ['onError, logger or observer failed; later failures are not told'],
  )
}

function fail(): never {
  throw new Error('the disk of the log is full')
}

const failLater = (): unknown => Promise.reject(new Error('no network'))

test('an onError, a logger or an observer that fails, at once or later, is warned of once, and ends nothing', async () => {
  await assertWarnsOnce({ onError: fail })
  await assertWarnsOnce({ onError: failLater })
  await assertWarnsOnce({ logger: { debug: fail, info: fail, warn: fail, error: fail }, onError() {} })
  await assertWarnsOnce({ observer: observing({ onTurnAway: fail }), onError() {} })
  await assertWarnsOnce({ observer: observing({ onTurnAway: failLater }), onError() {} })
})

test('a logger that fails keeps nobody else from being told', () => {
  const told: string[] = []
  const { onError, observers } = resolveOptions({
    backend: {} as ChatMiddlewareOptions['backend'],
    logger: { debug: fail, info: fail, warn: fail, error: fail },
    observer: observing({ onTurnAway: (address) => told.push(address) }),
    onError: (error) => void told.push(String(error)),
  })
  onError('a fault', { stage: 'testing' })
  for (const observer of observers) observer.onTurnAway('::1', { code: 1008, reason: 'testing' })
  assert.deepEqual(told, ['a fault', '::1'])
})
