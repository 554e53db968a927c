import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RedisClient } from './client.ts'

const NAMES = [
  'alive',
  'append',
  'archive',
  'changes',
  'find',
  'heads',
  'kept',
  'lease',
  'lineage',
  'marker',
  'members',
  'page',
  'presence',
  'release',
  'renew',
  'restore-changes',
  'restore-room',
  'restore-write',
  'trim',
] as const

export type ScriptName = (typeof NAMES)[number]

interface Script {
  readonly source: string
  readonly sha: string
}

/**
 * The scripts, run by their digests. A server that has forgotten them (`SCRIPT FLUSH`) is given the text of each that it refuses, and no
 * call waits for another: what may not be overtaken in that moment has to see to it itself, as appends do.
 */
export class RedisScripts {
  readonly #scripts: Readonly<Record<ScriptName, Script>>

  constructor() {
    const scripts = NAMES.map((name) => [name, readScript(name)] as const)
    this.#scripts = Object.fromEntries(scripts) as Record<ScriptName, Script>
  }

  async load(client: RedisClient): Promise<void> {
    const scripts = Object.values(this.#scripts)
    await Promise.all(scripts.map(({ source }) => client.sendCommand(['SCRIPT', 'LOAD', source])))
  }

  /** `onForgotten` is called where the server does not know the script, so that a later call may be carried out before this one. */
  run(
    client: RedisClient,
    name: ScriptName,
    keys: readonly string[],
    args: readonly string[],
    onForgotten?: () => void,
  ): Promise<unknown> {
    const { source, sha } = this.#scripts[name]
    const rest = [String(keys.length), ...keys, ...args]
    return client.sendCommand(['EVALSHA', sha, ...rest]).catch((error: unknown) => {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      onForgotten?.()
      return client.sendCommand(['EVAL', source, ...rest])
    })
  }
}

const SHARED = readLua('room')

/** The line that says what a script may do has to stay the first. */
function readScript(name: ScriptName): Script {
  const [, declaration, body] = /^(#!.*)\n([^]*)$/.exec(readLua(name)) ?? []
  const source = `${declaration}\n${SHARED}${body}`
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

/** Without its comments: where a server has forgotten the scripts, each call that was under way brings the whole text. */
function readLua(name: string): string {
  return readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8').replaceAll(/^ *--.*\n/gm, '')
}
