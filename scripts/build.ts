import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { buildUi } from './build-ui.ts'

/** Builds dist/, which is all that is published: src/ as JavaScript with declarations, its SQL and Lua, and the UI. */
export async function buildAll(): Promise<void> {
  await removeCompiled()
  compile()
  await copyAssets()
  const { entries } = await buildUi()
  await bundleElement(entries.element.file)
}

/** Leaves dist/ui alone: a running server may be serving it. */
async function removeCompiled(): Promise<void> {
  const entries = await readdir('dist').catch(() => [])
  await Promise.all(
    entries.filter((entry) => entry !== 'ui').map((entry) => rm(join('dist', entry), { recursive: true })),
  )
}

function compile(): void {
  const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
  })
  if (tsc.error) throw tsc.error
  if (tsc.status !== 0) throw new Error('tsc -p tsconfig.build.json failed')
}

/** tsc leaves behind what is read at run time and is not TypeScript. */
async function copyAssets(): Promise<void> {
  const files = globSync('src/**/*.{sql,lua}')
  await Promise.all(files.map((file) => cp(file, join('dist', relative('src', file)))))
}

/**
 * The published element is the bundle, with its own Preact in it, so that an app has nothing else to install. Of what
 * tsc made of it only the declarations are of use.
 */
async function bundleElement(bundle: string): Promise<void> {
  const compiled = globSync('dist/element/**/*.{js,js.map}')
  await Promise.all([...compiled, 'dist/element.js.map'].map((file) => rm(file)))
  await writeFile('dist/element.js', `export * from './ui/${bundle}'\n`)
}

if (import.meta.main) await buildAll()
