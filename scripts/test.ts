import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { buildAll } from './build.ts'
import { ensureRequirements, findChromium, REQUIREMENTS } from './test-requirements.ts'

/**
 * `npm test` runs every test; `npm test -- src/chat test/server/plain.test.ts` only those. Whatever they need is
 * installed, built or reported first, so no test has to be skipped for want of it.
 */
const ALL_TESTS = ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts']

/** For one test or one file: longer than any takes on a slow machine, so that a hang ends and says where. */
const TIMEOUT_MS = 180_000

/** Where Node keeps what it compiled: tests start hundreds of processes, and half of what many of them do is to compile. */
const COMPILE_CACHE = resolve('node_modules/.cache/node-compile-cache')

try {
  ensureRequirements(REQUIREMENTS)
  await buildAll()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('--'))
const paths = args
  .filter((arg) => !arg.startsWith('--'))
  .map((arg) => (arg.endsWith('.ts') ? arg : `${arg}/**/*.test.ts`))

const tests = spawn(
  process.execPath,
  [
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${availableParallelism()}`,
    `--test-timeout=${TIMEOUT_MS}`,
    ...options,
    ...(paths.length > 0 ? paths : ALL_TESTS),
  ],
  { stdio: 'inherit', env: { ...process.env, CHROMIUM_PATH: findChromium(), NODE_COMPILE_CACHE: COMPILE_CACHE } },
)
tests.on('exit', (code) => {
  process.exitCode = code ?? 1
})
