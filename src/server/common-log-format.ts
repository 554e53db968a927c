import type { RequestSummary } from './observer.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A request as web servers have logged it since NCSA httpd: host, identity, user, time, request, status, bytes. */
export function formatCommonLog(
  { address, method, path, httpVersion, status, bytes }: RequestSummary,
  at: Date,
): string {
  const request = `${method} ${path} HTTP/${httpVersion}`.replaceAll(/["\\\p{C}]/gu, escapeCharacter)
  return `${address} - - [${formatTime(at)}] "${request}" ${status} ${bytes ?? '-'}`
}

function formatTime(at: Date): string {
  const day = `${pad(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}`
  return `${day}:${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())} +0000`
}

function pad(number: number): string {
  return String(number).padStart(2, '0')
}

function escapeCharacter(character: string): string {
  return encodeURIComponent(character.toWellFormed())
}
