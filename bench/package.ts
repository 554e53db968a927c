/**
 * Packs Natter, installs it into an empty project, and prints what that costs: packages, bytes on the disk, and the time
 * from nothing to a chat that serves. Works on what `npm run build` made.
 *
 *   npm run bench:package
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createEmptyApp, installInto, measureInstall, packNatter, removeFolder, run } from '../test/helpers/package.ts'
import { median } from './report.ts'

const ROUNDS = 9

const app = await createEmptyApp({ type: 'module' })
try {
  const tarball = await packNatter(app)
  await installInto(app, [tarball])
  const { packages, bytes, ownBytes } = await measureInstall(app)
  printRow('tarball', inMegabytes((await stat(tarball)).size))
  printRow('packages installed', String(packages))
  printRow('on the disk', `${inMegabytes(bytes)}, Natter itself ${inMegabytes(ownBytes)}`)
  for (const entry of ['natter', 'natter/client']) {
    printRow(`import '${entry}'`, await inMilliseconds(() => timeImport(app, entry)))
  }
  printRow('natter, until it is ready', await inMilliseconds(() => timeStart(app)))
} finally {
  await removeFolder(app)
}

/** What a process spends in its import, without its own start. */
async function timeImport(folder: string, entry: string): Promise<number> {
  const code = `const start = performance.now(); await import('${entry}'); console.log(performance.now() - start)`
  return Number(await run(process.execPath, ['--input-type=module', '--eval', code], folder))
}

/** From the start of the process until it says that the chat is there, on a new folder of data. */
async function timeStart(folder: string): Promise<number> {
  const data = join(folder, `data-${process.hrtime.bigint()}`)
  const args = [join(folder, 'node_modules/natter/bin/natter.js'), '--host', 'localhost', '--port', '0', '--data', data]
  const start = performance.now()
  const natter = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(natter, 'exit')
  for await (const line of createInterface(natter.stdout)) if (line.includes('http://localhost:')) break
  const duration = performance.now() - start
  natter.kill('SIGKILL')
  await exited
  return duration
}

async function inMilliseconds(measure: () => Promise<number>): Promise<string> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) times.push(await measure())
  return `${median(times).toFixed(0)} ms (median of ${ROUNDS})`
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function printRow(name: string, value: string): void {
  console.log(`${name.padEnd(28)}${value}`)
}
