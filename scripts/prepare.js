// npm runs this after every install in a clone or from git, and before packing. It builds what `npm start` serves and
// what `natter` runs. Plain JavaScript without dependencies: after `npm ci --omit=dev` it must still run, on any Node,
// and leave what is built alone.
import { existsSync } from 'node:fs'

const hasBuildTools = existsSync(new URL('../node_modules/esbuild/package.json', import.meta.url))

if (hasBuildTools) {
  const { buildAll } = await import('./build.ts')
  await buildAll()
}
