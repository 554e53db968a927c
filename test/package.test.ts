import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import pkg from '../package.json' with { type: 'json' }
import { redisWithTls } from './contracts/redis-helpers.ts'
import { startExample } from './examples/example-app.ts'
import { startClient, storedTexts, until } from './helpers/clients.ts'
import { findFreePort } from './helpers/free-port.ts'
import {
  createEmptyApp,
  createFolder,
  installInto,
  measureInstall,
  onThisNode,
  packNatter,
  removeFolder,
  REPOSITORY,
  run,
} from './helpers/package.ts'
import type { Installed } from './helpers/package.ts'
import { startProgram } from './helpers/program.ts'
import { readmeBlock } from './readme.ts'

/** What an app writes after `from`: natter, natter/client, … one for each file directly in src/. */
const entries = globSync('src/*.ts', { cwd: REPOSITORY })
  .map((file) => basename(file, '.ts'))
  .map((name) => (name === 'index' ? 'natter' : `natter/${name}`))

/** The tracked files as a fresh clone has them, installed and built there. */
let clone: string

/** An empty project into which the tarball packed in the clone is installed, as an app would. */
let project: string

/** What the tarball brought with it, before anything else was installed. */
let installed: Installed

before(async () => {
  clone = await createFolder('clone')
  project = await createEmptyApp({ type: 'module' })
  const tracked = (await run('git', ['ls-files', '-z'], REPOSITORY)).split('\0')
  for (const file of tracked.filter((each) => each !== '' && existsSync(join(REPOSITORY, each)))) {
    await cp(join(REPOSITORY, file), join(clone, file))
  }
  await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], clone)
  const tarball = await packNatter(project, clone)
  await installInto(project, [tarball])
  installed = await measureInstall(project)
  // What an app has of its own: the types of its platform, and React where it uses natter/react.
  const { devDependencies } = pkg
  const own = (['@types/node', 'react', '@types/react'] as const).map((name) => `${name}@${devDependencies[name]}`)
  await installInto(project, own)
})

after(async () => {
  for (const folder of [clone, project]) await removeFolder(folder)
})

test('every export can be imported in Node where the package is installed', async () => {
  for (const entry of entries) {
    await run(process.execPath, ['--input-type=module', '--eval', `await import('${entry}')`], project)
  }
})

test('every export can be required there, and nothing is warned of', async () => {
  for (const entry of entries) {
    const code = `process.on('warning', (warning) => { throw warning }); require('${entry}')`
    await run(process.execPath, ['--input-type=commonjs', '--eval', code], project)
  }
})

test('the declarations satisfy an app that type-checks strictly, libraries included, and so does the README', async () => {
  await writeFile(join(project, 'readme-server.ts'), await readmeBlock('createServer', {}))
  await writeFile(join(project, 'readme-bot.ts'), await readmeBlock('createChatClient', {}))
  await typeCheck({ ...NODE_APP, code: allImports(), files: ['../readme-server.ts', '../readme-bot.ts'] })
})

test('they satisfy an app of CommonJS as well', async () => {
  const requires = entries.map((entry, index) => `import entry${index} = require('${entry}')\nvoid entry${index}`)
  await typeCheck({ ...NODE_APP, type: 'commonjs', code: requires.join('\n') })
})

test('and an app that is bundled', async () => {
  await typeCheck({ ...NODE_APP, options: { module: 'preserve', moduleResolution: 'bundler' }, code: allImports() })
})

test('the server and the bot of the README run where the package is installed, and talk', async (t) => {
  const tellPort = "server.listen(0, 'localhost', () => process.send!(server.address()))"
  const server = await runApp(t, 'server.ts', await readmeBlock('createServer', { 'server.listen(3000)': tellPort }))
  const [{ port }] = (await once(server, 'message')) as [{ port: number }]
  assert.equal(await (await fetch(`http://localhost:${port}/`)).text(), 'the rest of your app')
  assert.match(await (await fetch(`http://localhost:${port}/chat`)).text(), /^<!doctype html>/i)

  const url = `ws://localhost:${port}/chat`
  await runApp(t, 'bot.ts', await readmeBlock('createChatClient', { 'ws://localhost:5000': url }))
  const lobby = startClient(t, { url, name: 'Ada' }).room('lobby')
  await until(lobby, ({ members }) => members?.some(({ name }) => name === 'echo') ?? false)
  lobby.post('!echo tea')
  assert.deepEqual(await storedTexts(lobby, 2), ['!echo tea', 'tea'])
})

test('an example starts from its folder in the clone', async (t) => {
  const { url } = await startExample(t, join(clone, 'examples/http'))
  assert.match(await (await fetch(url)).text(), /Sign in/)
})

test('where the Redis client is not installed, the command says in one line what to install', async () => {
  const natter = run('npx', ['--no', '--', 'natter', '--redis', 'redis://127.0.0.1:1'], project)
  await assert.rejects(natter, { code: 1, stdout: '', stderr: /^natter: .* npm install @redis\/client\n$/ })
})

test('a platform that prunes the clone and runs the Procfile with a PORT gets the page, and an orderly end', async (t) => {
  await pruneAsHeroku()
  await runProcfile(t)
})

test('where it has an add-on with a Redis and a certificate of its own, the messages are there', async (t) => {
  await pruneAsHeroku()
  await runProcfile(t, { REDIS_URL: await redisWithTls(t) })
  assert.ok(!existsSync(join(clone, 'data')))
})

/** As Heroku's buildpack does after a build. */
async function pruneAsHeroku(): Promise<void> {
  await rm(join(clone, 'data'), { recursive: true, force: true })
  await run('npm', ['prune', '--omit=dev', '--no-audit', '--no-fund'], clone)
  await run('npm', ['run', 'heroku-cleanup'], clone)
}

/** Starts what the Procfile says, looks at the page, and ends it. */
async function runProcfile(t: TestContext, variables: NodeJS.ProcessEnv = {}): Promise<void> {
  const processes = await readFile(join(clone, 'Procfile'), 'utf8')
  const { formation } = JSON.parse(await readFile(join(clone, 'app.json'), 'utf8')) as { formation: object }
  assert.deepEqual(Object.keys(formation), ['web'])
  const [, command = ''] = /^web: (.+)$/m.exec(processes) ?? []
  const port = await findFreePort()
  const web = spawn('sh', ['-c', `exec ${command}`], {
    cwd: clone,
    env: { ...onThisNode(), PORT: String(port), DYNO: 'web.1', ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(web, 'exit')
  t.after(() => web.kill('SIGKILL'))
  for await (const line of createInterface(web.stdout)) if (line.includes('"event":"ready"')) break
  const page = await fetch(`http://localhost:${port}/`)
  assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8'])
  web.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
}

test('npx natter serves the page where the package is installed', async (t) => {
  const args = ['--no', '--', 'natter', '--host', 'localhost', '--port', '0', '--data', join(project, 'data')]
  const natter = startProgram(t, 'npx', args, { cwd: project, env: onThisNode(), withChildren: true })
  const [url = ''] =
    /http:\/\/localhost:\d+/.exec(await natter.line((line) => line.includes('http://localhost:'))) ?? []
  assert.match(await (await fetch(url)).text(), /^<!doctype html>/i)
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

test('an app that installs it gets at most 25 packages and 18 MB', () => {
  assert.ok(installed.packages <= 25, `${installed.packages} packages`)
  assert.ok(installed.bytes <= 18e6, `${installed.bytes} bytes`)
})

test('neither tests nor tools are published', async () => {
  const published = globSync('**/*', { cwd: join(project, 'node_modules/natter') })
  assert.deepEqual(
    published.filter((file) => /\.test\.|^(test|scripts|bench|\.)/.test(file)),
    [],
  )
})

function allImports(): string {
  return entries.map((entry, index) => `export * as entry${index} from '${entry}'`).join('\n')
}

interface CheckedApp {
  readonly type: 'module' | 'commonjs'
  /** Of the compiler, besides the strict ones. */
  readonly options: object
  readonly code: string
  /** Checked along with it. */
  readonly files?: readonly string[]
}

const NODE_APP = { type: 'module', options: { module: 'nodenext' } } as const satisfies Partial<CheckedApp>

/** Type-checks an app in a folder of its own, beside what is installed. */
async function typeCheck({ type, options, code, files = [] }: CheckedApp): Promise<void> {
  const folder = await mkdtemp(join(project, 'checked-'))
  const config = { compilerOptions: { ...STRICT, ...options }, files: ['app.ts', ...files] }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type }))
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  await writeFile(join(folder, 'app.ts'), code)
  await run(process.execPath, [join(REPOSITORY, 'node_modules/typescript/bin/tsc'), '--project', folder], project)
}

const STRICT = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  target: 'es2024',
  lib: ['es2024', 'dom', 'dom.iterable'],
  types: ['node'],
}

/** Writes a file of the app and runs it until the test ends. */
async function runApp(t: TestContext, name: string, code: string): Promise<ChildProcess> {
  await writeFile(join(project, name), code)
  const child = spawn(process.execPath, [name], { cwd: project, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return child
}
