// Run by an example before it starts: installs what it needs where something is missing. Natter itself comes from the
// folder above, which is installed and built first. Plain JavaScript without dependencies, for any Node.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('..', import.meta.url))
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))

/** Looks where Node would, from this folder up. */
function isInstalled(name) {
  for (let folder = resolve('.'); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return true
    if (folder === dirname(folder)) return false
  }
}

function runNpm(folder, ...args) {
  const npm = spawnSync('npm', [...args, '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' })
  if (npm.status !== 0) process.exit(npm.status ?? 1)
}

if (!Object.keys(dependencies).every(isInstalled)) {
  if (dependencies.natter.startsWith('file:') && !existsSync(join(repository, 'dist', 'index.js')))
    runNpm(repository, 'ci')
  runNpm('.', 'install')
}
