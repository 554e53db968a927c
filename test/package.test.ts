import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import pkg from '../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))

/** What an app writes after `from`: natter, natter/client, … one for each file directly in src/. */
const entries = globSync('src/*.ts', { cwd: root })
  .map((file) => basename(file, '.ts'))
  .map((name) => (name === 'index' ? 'natter' : `natter/${name}`))

/** An empty project into which the packed tarball is installed, as an app would. */
let project: string

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'natter-package-'))
  // dist/ is there already: built by npm ci, and again by npm test. Building here would disturb the tests beside this.
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project], root)
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  const dependencies = [`./natter-${pkg.version}.tgz`, `@types/node@${pkg.devDependencies['@types/node']}`]
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...dependencies], project)
})

after(() => rm(project, { recursive: true, force: true }))

test('every export can be imported in Node where the package is installed', async () => {
  for (const entry of entries) {
    await run(process.execPath, ['--input-type=module', '--eval', `await import('${entry}')`], project)
  }
})

test('the declarations satisfy an app that type-checks strictly, libraries included', async () => {
  const imports = entries.map((entry, index) => `export * as entry${index} from '${entry}'`)
  await writeFile(join(project, 'app.ts'), imports.join('\n'))
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(strictApp))
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', project], project)
})

test('the installed command runs', async () => {
  assert.match(
    await run('npx', ['--no', '--', 'natter', '--version'], project),
    new RegExp(`^(natter )?${pkg.version}$`, 'm'),
  )
})

test('on a Node that is too old the command says so in one line and fails', async () => {
  const pretendOldNode = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"20.20.2"}})'
  const command = join(project, 'node_modules/natter/bin/natter.js')
  await assert.rejects(run(process.execPath, ['--import', pretendOldNode, command], project), {
    code: 1,
    stdout: '',
    stderr: /^natter needs Node 24\.15 or newer, .*\n$/,
  })
})

test('publint has nothing to say about the tarball', async () => {
  const tarball = await readFile(join(project, `natter-${pkg.version}.tgz`))
  const { messages } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true })
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg, { color: false })),
    [],
  )
})

test('neither tests nor tools are published', async () => {
  const published = globSync('**/*', { cwd: join(project, 'node_modules/natter') })
  assert.deepEqual(
    published.filter((file) => /\.test\.|^(test|scripts|bench|\.)/.test(file)),
    [],
  )
})

const strictApp = {
  compilerOptions: {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2024',
    module: 'nodenext',
    lib: ['es2024', 'dom', 'dom.iterable'],
    types: ['node'],
  },
  files: ['app.ts'],
}

/** Runs a program on the Node that runs this test, and returns what it printed. */
async function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, PATH: dirname(process.execPath) + delimiter + process.env['PATH'] }
  const { stdout } = await promisify(execFile)(file, args, { cwd, env })
  return stdout.trim()
}
