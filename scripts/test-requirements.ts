import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program or a font of the system that tests use and npm cannot bring. */
export interface Requirement {
  readonly name: string
  /** The package that has it, on Debian and what descends from it. */
  readonly debianPackage: string
  /** How to get it on any other system, as the end of "…: get it by". */
  readonly elsewhere: string
  readonly isPresent: () => boolean
}

export const REQUIREMENTS: readonly Requirement[] = [
  {
    name: 'Chromium or Chrome',
    debianPackage: 'chromium',
    elsewhere: 'installing either, and setting CHROMIUM_PATH to its executable when it is in no usual place',
    isPresent: () => findChromium() !== undefined,
  },
  {
    name: 'an emoji font',
    debianPackage: 'fonts-noto-color-emoji',
    elsewhere: 'installing "Noto Color Emoji" for fontconfig',
    isPresent: hasEmojiFont,
  },
  {
    name: 'Redis 7 or newer',
    debianPackage: 'redis-server',
    elsewhere: 'installing it, so that redis-server is on the PATH; the tests start servers of their own',
    isPresent: () => findExecutable('redis-server') !== undefined,
  },
  {
    name: 'OpenSSL',
    debianPackage: 'openssl',
    elsewhere: 'installing it, so that openssl is on the PATH; it makes the certificate of a test',
    isPresent: () => findExecutable('openssl') !== undefined,
  },
  {
    name: 'curl',
    debianPackage: 'curl',
    elsewhere: 'installing it, so that curl is on the PATH; the examples of a document are run with it',
    isPresent: () => findExecutable('curl') !== undefined,
  },
]

/** The browser that tests drive: `CHROMIUM_PATH` where it is set, which has to be one then, else the first found on the PATH or where macOS keeps applications. */
export function findChromium(): string | undefined {
  const chosen = process.env['CHROMIUM_PATH']
  if (chosen !== undefined && chosen !== '') return isExecutable(chosen) ? chosen : undefined
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  const onPath = names.map(findExecutable).find((path) => path !== undefined)
  const applications = ['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`)
  return onPath ?? applications.find((path) => existsSync(path))
}

/** The full path of a program, looked up in the PATH as a shell does. */
export function findExecutable(name: string): string | undefined {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name))
  return candidates.find(isExecutable)
}

/**
 * Returns when all of `requirements` are there. What is missing is installed on Debian when run as root.
 *
 * @throws Error that names what is still missing and says how to get it.
 */
export function ensureRequirements(requirements: readonly Requirement[]): void {
  const missing = requirements.filter(({ isPresent }) => !isPresent())
  if (missing.length === 0) return
  if (isDebian() && process.getuid?.() === 0) install(missing)
  const stillMissing = missing.filter(({ isPresent }) => !isPresent())
  if (stillMissing.length > 0) throw new Error(howToGet(stillMissing, isDebian()))
}

/** What to tell a person whose machine lacks `missing`. */
export function howToGet(missing: readonly Requirement[], onDebian: boolean): string {
  const opening = 'The tests need what this machine does not have:'
  if (!onDebian)
    return [opening, ...missing.map(({ name, elsewhere }) => `- ${name}: get it by ${elsewhere}`)].join('\n')
  const packages = missing.map(({ debianPackage }) => debianPackage).join(' ')
  const command = `sudo apt-get update && sudo apt-get install -y ${packages}`
  return [opening, ...missing.map(({ name }) => `- ${name}`), `Get it by: ${command}`].join('\n')
}

function install(missing: readonly Requirement[]): void {
  const packages = missing.map(({ debianPackage }) => debianPackage)
  console.log(`Installing ${packages.join(', ')}, which the tests need`)
  aptGet('update')
  aptGet('install', '--yes', '--no-install-recommends', ...packages)
}

/** A failure shows in what is still missing afterwards; apt-get's own words go to the terminal. */
function aptGet(...args: readonly string[]): void {
  spawnSync('apt-get', ['-qq', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

function isDebian(): boolean {
  return findExecutable('apt-get') !== undefined
}

/** Whether some font can write emoji; false also where nobody can tell. */
export function hasEmojiFont(): boolean {
  // Windows and macOS come with one; elsewhere fontconfig knows which languages a font can write.
  if (process.platform !== 'linux') return true
  const { status, stdout } = spawnSync('fc-list', [':lang=und-zsye'], { encoding: 'utf8' })
  return status === 0 && stdout.trim() !== ''
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
