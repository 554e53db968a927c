import { once } from 'node:events'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import type { ChatClient } from '../../src/client.ts'
import { startClient } from '../helpers/clients.ts'
import { createEmptyApp, installInto, onThisNode, packNatter, REPOSITORY, run } from '../helpers/package.ts'
import { startProgram } from '../helpers/program.ts'
import type { Program } from '../helpers/program.ts'

const EXAMPLES = join(REPOSITORY, 'examples')

interface Manifest {
  readonly scripts: { readonly start: string }
  readonly dependencies: Readonly<Record<string, string>>
}

/**
 * Copies examples into one folder, in which the packed package and whatever they depend on is installed once: one after the
 * other the frameworks would take minutes.
 *
 * @param besides What to install besides, as one writes it after `npm install`.
 */
export async function installExamples(names: readonly string[], besides: readonly string[]): Promise<string> {
  const folder = await createEmptyApp({ type: 'module' })
  for (const name of ['install.js', ...names]) {
    await cp(join(EXAMPLES, name), join(folder, name), { recursive: true, filter: isOfExample })
  }
  const manifests = await Promise.all(names.map((name) => readManifest(join(folder, name))))
  const dependencies = new Map(manifests.flatMap(({ dependencies: each }) => Object.entries(each)))
  dependencies.delete('natter')
  const versions = [...dependencies].map(([name, version]) => `${name}@${version}`)
  await installInto(folder, [await packNatter(folder), ...versions, ...besides])
  return folder
}

/** Leaves behind what somebody's own use of an example made. */
function isOfExample(source: string): boolean {
  return !/\/(node_modules|dist|\.next|chat\.db.*)$/.test(source)
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
}

export interface RunningExample {
  readonly program: Program
  readonly url: string
}

/** Starts what is in `folder` as `npm start` does, on a free port, and resolves once it says where it is. */
export async function startExample(t: TestContext, folder: string): Promise<RunningExample> {
  await run('npm', ['run', 'prestart'], folder)
  const { scripts } = await readManifest(folder)
  // npm may not pass a signal on.
  const program = startProgram(t, 'sh', ['-c', `exec ${scripts.start}`], {
    cwd: folder,
    env: { ...onThisNode(), PORT: '0' },
  })
  const [url = ''] = /http:\/\/\S+/.exec(await program.line((line) => line.includes('http://'))) ?? []
  return { program, url }
}

/** Signs one of an example's users in by its form, and resolves with the cookie of the session. */
export async function signIn(url: string, login: string): Promise<string> {
  const response = await fetch(`${url}/login`, {
    method: 'POST',
    body: new URLSearchParams({ login }),
    redirect: 'manual',
  })
  if (response.status !== 303) throw new Error(`signing in was answered with ${response.status}`)
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.replace(/;.*/s, ''))
    .join('; ')
}

/** The SDK as a page has it where a browser sends the session's cookie along. */
export function startUser(t: TestContext, url: string, cookie: string): ChatClient {
  const headers = { Cookie: cookie, Origin: url }
  return startClient(t, {
    url: `${url}/chat`,
    environment: { openSocket: (address, subprotocol) => new WebSocket(address, subprotocol, { headers }) },
  })
}

/** Resolves once something came by a WebSocket, which is then cut. */
export async function readFirstMessage(t: TestContext, ws: WebSocket): Promise<void> {
  t.after(() => ws.terminate())
  await once(ws, 'message')
  ws.terminate()
}
