import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program or a font of the system that tests use and npm cannot bring. */
export interface Requirement {
  readonly name: string
  /** The packages that have it, on Debian and what descends from it. */
  readonly debianPackages: readonly string[]
  /** How to get it on any other system, as the end of "…: get it by". */
  readonly elsewhere: string
  readonly isPresent: () => boolean
}

export const REQUIREMENTS: readonly Requirement[] = [
  {
    name: 'Chromium or Chrome',
    debianPackages: ['chromium'],
    elsewhere: 'installing either, and setting CHROMIUM_PATH to its executable when it is in no usual place',
    isPresent: () => findChromium() !== undefined,
  },
  {
    name: 'an emoji font',
    debianPackages: ['fonts-noto-color-emoji'],
    elsewhere: 'installing "Noto Color Emoji" for fontconfig',
    isPresent: hasEmojiFont,
  },
  {
    name: 'Redis 7 or newer',
    debianPackages: ['redis-server'],
    elsewhere: 'installing it, so that redis-server is on the PATH; the tests start servers of their own',
    isPresent: () => findExecutable('redis-server') !== undefined,
  },
  {
    name: 'OpenSSL',
    debianPackages: ['openssl'],
    elsewhere: 'installing it, so that openssl is on the PATH; it makes the certificate of a test',
    isPresent: () => findExecutable('openssl') !== undefined,
  },
  {
    name: 'curl',
    debianPackages: ['curl'],
    elsewhere: 'installing it, so that curl is on the PATH; the examples of a document are run with it',
    isPresent: () => findExecutable('curl') !== undefined,
  },
  {
    name: 'Ruby on Rails 6.1 or newer, with Puma and the gem jwt',
    // All of `rails` that examples/rails has a use for.
    debianPackages: ['ruby-railties', 'puma', 'ruby-jwt'],
    elsewhere: 'installing Ruby, and then: gem install railties puma jwt',
    isPresent: () => succeeds('ruby', '-e', 'gem "railties"; gem "puma"; gem "jwt"'),
  },
  {
    name: 'Python 3 with Django and PyJWT',
    debianPackages: ['python3-django', 'python3-jwt'],
    elsewhere: 'installing Python, and then: python3 -m pip install Django PyJWT',
    isPresent: () => findPython() !== undefined,
  },
  {
    name: 'PHP with the parts of Laravel that are about HTTP',
    debianPackages: ['php-cli', 'php-illuminate-config', 'php-illuminate-container', 'php-illuminate-http'],
    elsewhere:
      'installing PHP, illuminate/config, illuminate/container and illuminate/http by Composer, and naming the autoload.php ' +
      'it wrote as auto_prepend_file in php.ini',
    isPresent: () => succeeds('php', '-r', HAS_LARAVEL),
  },
  {
    name: 'Go 1.18 or newer',
    debianPackages: ['golang-go'],
    elsewhere: 'installing it, so that go is on the PATH',
    isPresent: () => findExecutable('go') !== undefined,
  },
]

const HAS_LARAVEL = `
  @include_once 'Illuminate/Http/autoload.php';
  exit(class_exists('Illuminate\\Http\\JsonResponse') ? 0 : 1);
`

/** The first Python that has Django and PyJWT: another may be before Debian's own on the PATH, without Debian's packages. */
export function findPython(): string | undefined {
  return ['python3', '/usr/bin/python3'].find((python) => succeeds(python, '-c', 'import django, jwt'))
}

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
  const packages = missing.flatMap(({ debianPackages }) => debianPackages).join(' ')
  const command = `sudo apt-get update && sudo apt-get install -y ${packages}`
  return [opening, ...missing.map(({ name }) => `- ${name}`), `Get it by: ${command}`].join('\n')
}

function install(missing: readonly Requirement[]): void {
  const packages = missing.flatMap(({ debianPackages }) => debianPackages)
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

function succeeds(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
