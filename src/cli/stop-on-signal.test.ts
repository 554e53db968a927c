import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

test('what does not come to its end is ended with exit code 0 all the same', async (t) => {
  const module = new URL('./stop-on-signal.ts', import.meta.url)
  const script = `
    import { stopOnSignal } from '${module.href}'
    stopOnSignal(() => new Promise(() => {}), 100)
    setInterval(() => {}, 60_000)
    console.log('running')
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
})
