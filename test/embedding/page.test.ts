import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { REPOSITORY } from '../helpers/package.ts'
import { codeBlocks } from '../readme.ts'

test('what the page shows of an Express app is in the app that is tested', async () => {
  await assertShown(['js', 'html'], 'examples/express/*.js')
})

test('what the page shows of a Rails app is in the app that is tested', async () => {
  await assertShown(['ruby', 'erb'], 'examples/rails/{app,config}/**/*.{rb,erb}')
})

/** Each block of the page in one of these languages is part of one of these files. */
async function assertShown(languages: readonly string[], files: string): Promise<void> {
  const blocks: string[] = []
  for (const language of languages) {
    const own = await codeBlocks('docs/embedding.md', language)
    assert.notEqual(own.length, 0, language)
    blocks.push(...own)
  }
  const paths = globSync(files, { cwd: REPOSITORY })
  const texts = await Promise.all(paths.map(async (path) => unindented(await readFile(join(REPOSITORY, path), 'utf8'))))
  for (const block of blocks) {
    assert.ok(
      texts.some((text) => text.includes(unindented(block))),
      `no ${files} has\n${block}`,
    )
  }
}

/** A block may be cut out of a deeper level. */
function unindented(code: string): string {
  return code.replace(/^ +/gm, '').trim()
}
