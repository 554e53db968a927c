/** The path that a chat is mounted on, and what of a server's requests lies under it. */
export class MountPath {
  /** Without a slash at its end: empty for a chat at `/`, else `/chat`. */
  readonly base: string

  /** @throws TypeError where `path` is not a path. */
  constructor(path: string) {
    const base = path.replace(/\/$/, '')
    if (path === '' || !/^(\/[\w.~-]+)*$/.test(base)) {
      throw new TypeError(
        `path: ${JSON.stringify(path)} must be / or like /chat: letters, digits and . _ ~ - between slashes`,
      )
    }
    this.base = base
  }

  /** Where in the chat a request goes, with a slash before it and no query, or undefined where it goes elsewhere. */
  within(target: string): string | undefined {
    const path = target.replace(/[?#].*$/s, '')
    if (path === this.base) return '/'
    return path.startsWith(`${this.base}/`) ? path.slice(this.base.length) : undefined
  }
}
