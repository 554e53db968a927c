import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { COMMAND_NAMES, COMMANDS } from './commands.ts'
import type { Command } from './commands.ts'
import { renderHelp } from './help.ts'
import { flagOf } from './option.ts'
import { renderOptionsPage } from './options-page.ts'

test('docs/options.md is what the table of options says', async () => {
  const page = await readFile(new URL('../../docs/options.md', import.meta.url), 'utf8')
  assert.equal(page, renderOptionsPage(), 'run: node scripts/write-options-page.ts')
})

test('the page has every option with its variables, the help of a command its options within 80 columns', () => {
  const page = renderOptionsPage()
  for (const command of COMMAND_NAMES) {
    const { options }: Command = COMMANDS[command]
    const help = renderHelp(command)
    for (const [name, option] of Object.entries(options)) {
      assert.ok(page.includes(`\`--${flagOf(name)}`), name)
      for (const variable of option.variables(name)) assert.ok(page.includes(`\`${variable}\``), name)
      assert.ok(help.includes(`  --${flagOf(name)}`), name)
    }
    for (const line of help.split('\n')) assert.ok(line.length <= 80, line)
  }
})

test('the help names every command', () => {
  for (const command of COMMAND_NAMES) assert.ok(renderHelp('serve').includes(`  ${command}\n`), command)
})
