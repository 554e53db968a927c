import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { renderHelp } from './help.ts'
import { renderOptionsPage } from './options-page.ts'
import { flagOf, OPTION_NAMES, variableOf } from './options.ts'

test('docs/options.md is what the table of options says', async () => {
  const page = await readFile(new URL('../../docs/options.md', import.meta.url), 'utf8')
  assert.equal(page, renderOptionsPage(), 'run: node scripts/write-options-page.ts')
})

test('the page has every option with its variable, the help every option within 80 columns', () => {
  const [page, help] = [renderOptionsPage(), renderHelp()]
  for (const name of OPTION_NAMES) {
    assert.ok(page.includes(`\`--${flagOf(name)}`), name)
    assert.ok(page.includes(`\`${variableOf(name)}\``), name)
    assert.ok(help.includes(`  --${flagOf(name)}`), name)
  }
  for (const line of help.split('\n')) assert.ok(line.length <= 80, line)
})
