import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const README = join(import.meta.dirname, '../README.md')

/**
 * The TypeScript of the README that contains `mark`, with each key of `changes` replaced by its value.
 *
 * @throws Error where there is no such block, or a key is not in it: then the README says something else than is tested.
 */
export async function readmeBlock(mark: string, changes: Readonly<Record<string, string>>): Promise<string> {
  const blocks = [...(await readFile(README, 'utf8')).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block)
  let code = blocks.find((block) => block.includes(mark))
  if (code === undefined) throw new Error(`README.md: no block of TypeScript has ${mark}`)
  for (const [from, to] of Object.entries(changes)) {
    if (!code.includes(from)) throw new Error(`README.md: the block with ${mark} lacks ${from}`)
    code = code.replace(from, to)
  }
  return code
}
