import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { MountPath } from './mount-path.ts'
import { createPages } from './pages.ts'
import { createUiLoader } from './ui-files.ts'

const MANIFEST = {
  document: 'index.html',
  entries: { element: { file: 'element-1.js' } },
  files: { 'element-1.js': {} },
}

test('until the UI is built the page says how to; then it is there, and stays as it was first loaded', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'natter-ui-'))
  t.after(() => rm(folder, { recursive: true }))
  const errors: unknown[] = []
  const pages = createPages({
    mount: new MountPath('/chat'),
    rooms: [],
    loadUi: createUiLoader('/chat', pathToFileURL(`${folder}/`)),
    onError: (error) => void errors.push(error),
  })

  const missing = await pages.request('/')
  assert.equal(missing.status, 503)
  assert.match(await missing.text(), /npm run build/)
  assert.equal(errors.length, 1)

  for (const name of ['element-1.js', 'element-1.js.gz', 'element-1.js.br']) await writeFile(join(folder, name), name)
  await writeFile(join(folder, 'index.html'), '<script src="%BASE%/assets/element-1.js">')
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(MANIFEST))
  const page = await pages.request('/')
  assert.deepEqual([page.status, await page.text()], [200, '<script src="/chat/assets/element-1.js">'])

  await rm(join(folder, 'element-1.js'))
  assert.equal(await (await pages.request('/assets/element-1.js')).text(), 'element-1.js')
})
