import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pkg from '../../package.json' with { type: 'json' }

/** The folder this repository is in. */
export const REPOSITORY = join(import.meta.dirname, '../..')

/**
 * Packs the package that is in `folder`, with what is built there, as `npm publish` would. Resolves with the path of
 * the tarball, which is put `into` that folder.
 */
export async function packNatter(into: string, folder = REPOSITORY): Promise<string> {
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', into], folder)
  return join(into, `natter-${pkg.version}.tgz`)
}

/** Installs `dependencies`, as one writes them after `npm install`, into the app in `folder`. */
export async function installInto(folder: string, dependencies: readonly string[]): Promise<void> {
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...dependencies], folder)
}

/** A folder with nothing in it but a package.json of an app, `fields` added. */
export async function createEmptyApp(fields: object): Promise<string> {
  const folder = await createFolder('app')
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, ...fields }))
  return folder
}

/** An empty folder. Who made it removes it. */
export function createFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `natter-${name}-`))
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true })
}

/** Runs a program on the Node that runs this test, and resolves with what it printed. Rejects where it fails. */
export async function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { cwd, env: onThisNode() })
  return stdout.trim()
}

/** This environment, with the Node that runs this test as the first to be found. */
export function onThisNode(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: dirname(process.execPath) + delimiter + process.env['PATH'] }
}

export interface Installed {
  /** Natter and everything that came with it. */
  readonly packages: number
  /** What all files hold, not the blocks they take. */
  readonly bytes: number
  readonly ownBytes: number
}

/** What is installed in an app that has Natter and nothing else. */
export async function measureInstall(folder: string): Promise<Installed> {
  const modules = join(folder, 'node_modules')
  const manifests = globSync('{*,@*/*}/package.json', { cwd: modules })
  return { packages: manifests.length, bytes: await bytesIn(modules), ownBytes: await bytesIn(join(modules, 'natter')) }
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
