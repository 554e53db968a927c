import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/**
 * The TypeScript of the README that contains `mark`, with each key of `changes` replaced by its value.
 *
 * @throws Error where there is no such block, or a key is not in it: then the README says something else than is tested.
 */
export async function readmeBlock(mark: string, changes: Readonly<Record<string, string>>): Promise<string> {
  let code = await codeBlock('README.md', 'ts', mark)
  for (const [from, to] of Object.entries(changes)) {
    if (!code.includes(from)) throw new Error(`README.md: the block with ${mark} lacks ${from}`)
    code = code.replace(from, to)
  }
  return code
}

/**
 * The code of a document, its path relative to the repository, that is in that language and contains `mark`.
 *
 * @throws Error where there is none.
 */
export async function codeBlock(document: string, language: string, mark: string): Promise<string> {
  const block = (await codeBlocks(document, language)).find((each) => each.includes(mark))
  if (block === undefined) throw new Error(`${document}: no block of ${language} has ${mark}`)
  return block
}

/** All code of a document that is in that language, in order. */
export async function codeBlocks(document: string, language: string): Promise<string[]> {
  const text = await readFile(join(ROOT, document), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, code = '']) =>
    name === language ? code : [],
  )
}
