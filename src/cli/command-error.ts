/** What kept a command from being carried out. `message` is one line: what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
