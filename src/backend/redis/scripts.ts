import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RedisClient } from './client.ts'

const NAMES = [
  'append',
  'archive',
  'changes',
  'find',
  'heads',
  'lease',
  'marker',
  'members',
  'page',
  'presence',
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

/** Different texts of one script that processes use: see {@link RedisScripts}. Bounds what a server keeps of them. */
const VARIANTS = 64

/**
 * The scripts, run by their digests.
 *
 * A server that has forgotten them (`SCRIPT FLUSH`) refuses all that was sent ahead, and each is then sent again with its text, in
 * order. That must not make the server know the digest again for what another process has sent ahead: there, the first append
 * would be refused and the second carried out. So processes number their texts, each with one of a few numbers.
 */
export class RedisScripts {
  readonly #scripts: Readonly<Record<ScriptName, Script>>

  /** `variant` is any whole number. */
  constructor(variant: number) {
    const scripts = NAMES.map((name) => [name, readScript(name, variant % VARIANTS)] as const)
    this.#scripts = Object.fromEntries(scripts) as Record<ScriptName, Script>
  }

  async load(client: RedisClient): Promise<void> {
    const scripts = Object.values(this.#scripts)
    await Promise.all(scripts.map(({ source }) => client.sendCommand(['SCRIPT', 'LOAD', source])))
  }

  run(client: RedisClient, name: ScriptName, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const { source, sha } = this.#scripts[name]
    const rest = [String(keys.length), ...keys, ...args]
    return client.sendCommand(['EVALSHA', sha, ...rest]).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) {
        return client.sendCommand(['EVAL', source, ...rest])
      }
      throw error
    })
  }
}

const SHARED = readLua('room')

/** The line that says what a script may do has to stay the first. */
function readScript(name: ScriptName, variant: number): Script {
  const [, declaration, body] = /^(#!.*)\n([^]*)$/.exec(readLua(name)) ?? []
  const source = `${declaration}\n-- ${variant}\n${SHARED}${body}`
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

function readLua(name: string): string {
  return readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8')
}
