import { writeFile } from 'node:fs/promises'
import { renderOptionsPage } from '../src/cli/options-page.ts'

await writeFile(new URL('../docs/options.md', import.meta.url), renderOptionsPage())
