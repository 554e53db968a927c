import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { BuildResult } from 'esbuild'
import { SDK } from '../../src/client/session.ts'

/** What an application pays for the SDK, minified and compressed. Raise it only for something that is worth it to everybody. */
const BUDGET_BYTES = 12 * 1_024

function bundle(): Promise<BuildResult<{ write: false; metafile: true }>> {
  return build({
    entryPoints: ['src/client.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    platform: 'browser',
    write: false,
    metafile: true,
  })
}

test(`bundled for a browser the SDK takes at most ${BUDGET_BYTES} bytes`, async () => {
  const { outputFiles } = await bundle()
  const bytes = gzipSync(outputFiles[0]!.contents, { level: 9 }).byteLength
  assert.ok(bytes <= BUDGET_BYTES, `it takes ${bytes}`)
})

test('the SDK brings nothing but itself and the protocol', async () => {
  const { metafile } = await bundle()
  const others = Object.keys(metafile.inputs).filter((path) => !/^src\/(client\.ts|(client|protocol)\/)/.test(path))
  assert.deepEqual(others, [])
})

test("it tells servers the package's version", async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
  assert.equal(SDK.version, version)
})
