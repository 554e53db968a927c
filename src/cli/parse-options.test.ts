import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SERVE_OPTIONS } from './options.ts'
import type { ServeValues } from './options.ts'
import { findUnknownVariables, parseOptions } from './parse-options.ts'
import type { Environment } from './parse-options.ts'

function optionsOf(args: readonly string[], environment: Environment = {}): ServeValues {
  return parseOptions(SERVE_OPTIONS, args, environment, 'natter --help')
}

function problemOf(args: readonly string[], environment: Environment = {}): string {
  try {
    optionsOf(args, environment)
  } catch (error) {
    assert.ok(error instanceof Error && error.name === 'UsageError')
    return error.message
  }
  return 'none'
}

test('without arguments the server is served with the defaults', () => {
  const defaults = Object.entries(SERVE_OPTIONS).map(([name, option]) => [name, option.default])
  assert.deepEqual(optionsOf([]), Object.fromEntries(defaults))
})

test('an option is given after its name or after an equals sign', () => {
  assert.equal(optionsOf(['--port', '8080']).port, 8080)
  assert.equal(optionsOf(['--port=8080']).port, 8080)
  assert.equal(optionsOf(['--host=::1']).host, '::1')
})

test('of an option given twice the last one counts; a list is put together', () => {
  assert.equal(optionsOf(['--port', '1', '--port', '2']).port, 2)
  assert.deepEqual(optionsOf(['--rooms', 'tea, coffee', '--rooms=milk,']).rooms, ['tea', 'coffee', 'milk'])
  const { keepFor } = optionsOf(['--keep-for', '30d', '--keep-for', 'order:*=90d,lobby=0'])
  assert.deepEqual(keepFor, [
    ['*', 2_592_000_000],
    ['order:*', 7_776_000_000],
    ['lobby', 0],
  ])
})

test('a flag is turned on, and off with --no- or a value', () => {
  assert.equal(optionsOf(['--ephemeral']).ephemeral, true)
  assert.equal(optionsOf(['--no-plain']).plain, false)
  assert.equal(optionsOf(['--plain=0']).plain, false)
  assert.equal(optionsOf(['--no-plain', '--plain']).plain, true)
})

test('the environment has every option; the command line goes before it, the platform’s variable after', () => {
  assert.equal(optionsOf([], { NATTER_MAX_TEXT: '10' }).maxText, 10)
  assert.equal(optionsOf(['--max-text', '20'], { NATTER_MAX_TEXT: '10' }).maxText, 20)
  assert.equal(optionsOf([], { PORT: '3000' }).port, 3000)
  assert.equal(optionsOf([], { PORT: '3000', NATTER_PORT: '4000' }).port, 4000)
  assert.equal(optionsOf([], { NATTER_PLAIN: 'false' }).plain, false)
})

test('of the variables that name a Redis the option’s own goes first, then the encrypted one', () => {
  const environment = { REDISCLOUD_URL: 'redis://d', REDIS_URL: 'redis://c', REDIS_TLS_URL: 'rediss://b' }
  assert.equal(optionsOf(['--redis', 'redis://z'], { ...environment, NATTER_REDIS: 'redis://a' }).redis, 'redis://z')
  assert.equal(optionsOf([], { ...environment, NATTER_REDIS: 'redis://a' }).redis, 'redis://a')
  assert.equal(optionsOf([], environment).redis, 'rediss://b')
  assert.equal(optionsOf([], { ...environment, REDIS_TLS_URL: '' }).redis, 'redis://c')
  assert.equal(optionsOf([], { REDISCLOUD_URL: 'redis://d' }).redis, 'redis://d')
})

test('an empty variable is none', () => {
  assert.equal(optionsOf([], { PORT: '', NATTER_PORT: '' }).port, 5_000)
})

test('times and rates are written with their units, 0 for none', () => {
  assert.equal(optionsOf(['--slow-reader', '1500ms']).slowReader, 1_500)
  assert.equal(optionsOf(['--slow-reader', '2m']).slowReader, 120_000)
  assert.equal(optionsOf(['--slow-reader', '1h']).slowReader, 3_600_000)
  assert.equal(optionsOf(['--slow-reader', '30d']).slowReader, 2_592_000_000)
  assert.equal(optionsOf(['--slow-reader', '0']).slowReader, 0)
  assert.deepEqual(optionsOf(['--write-rate', '5/1m']).writeRate, { burst: 5, perMs: 60_000 })
  assert.equal(optionsOf(['--write-rate', '0']).writeRate.burst, 0)
})

test('every default can be written as it is shown', () => {
  for (const [name, { kind, defaultText, default: value }] of Object.entries(SERVE_OPTIONS)) {
    if (defaultText !== '') assert.deepEqual(kind.parse(defaultText), value, name)
  }
})

test('what is wrong is said with where it stands and what it must be', () => {
  assert.equal(problemOf(['--port', '70000']), '--port: must be a whole number from 0 to 65535, not "70000"')
  assert.equal(problemOf(['--port=']), '--port: must be a whole number from 0 to 65535, not ""')
  assert.equal(problemOf([], { PORT: '1e3' }), 'PORT: must be a whole number from 0 to 65535, not "1e3"')
  assert.equal(problemOf(['--max-name', '1.5']), '--max-name: must be a whole number from 0 up, not "1.5"')
  assert.equal(problemOf(['--slow-reader', '15']), '--slow-reader: must be a time like 15s, 2m or 30d, or 0, not "15"')
  assert.equal(
    problemOf(['--write-rate', '20/0']),
    '--write-rate: must be a number and a time like 20/10s, or 0, not "20/0"',
  )
  assert.equal(problemOf(['--log-format', 'xml']), '--log-format: must be one of auto, text, json, not "xml"')
  assert.equal(problemOf(['--plain=maybe']), '--plain: must be 1 or 0, not "maybe"')
  assert.equal(problemOf(['--data', ' ']), '--data: must not be empty, not " "')
})

test('an option without its value does not swallow the next one', () => {
  assert.equal(problemOf(['--port']), '--port: needs a value, <n>')
  assert.equal(problemOf(['--port', '--plain']), '--port: needs a value, <n>')
})

test('an unknown option is told, with what may have been meant', () => {
  assert.equal(problemOf(['--prot', '1']), '--prot: there is no such option; did you mean --port?')
  assert.equal(problemOf(['--room', 'tea']), '--room: there is no such option; did you mean --rooms?')
  assert.equal(problemOf(['--max-txt', '1']), '--max-txt: there is no such option; did you mean --max-text?')
  assert.equal(problemOf(['--zzz']), '--zzz: there is no such option; natter --help shows what there is')
  assert.equal(problemOf(['-x']), '-x: there is no such option; natter --help shows what there is')
  assert.equal(problemOf(['serve']), 'serve: this is no option; natter --help shows what there is')
})

test('what is wrong with a secret is said without the secret', () => {
  assert.equal(problemOf(['--metrics-token', ' ']), '--metrics-token: must not be empty')
})

test('variables that look like options and are none are found', () => {
  assert.deepEqual(findUnknownVariables(SERVE_OPTIONS, { NATTER_PORT: '1', NATTER_PROT: '1', PATH: '/bin' }), [
    'NATTER_PROT',
  ])
})
