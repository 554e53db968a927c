import type { IncomingMessage } from 'node:http'
import type { MountPath } from './mount-path.ts'
import { requestTarget } from './request-summary.ts'

/**
 * Where in a chat a request goes. That is by the path the chat is mounted on, unless the server it came by gets the chat's
 * requests at another one, from a proxy that cuts a prefix off.
 */
export class Places {
  readonly #mount: MountPath
  readonly #mountByRequest = new WeakMap<IncomingMessage, MountPath>()

  constructor(mount: MountPath) {
    this.#mount = mount
  }

  /** A request came by a server that has the chat at `mount`. */
  arrived(request: IncomingMessage, mount: MountPath): void {
    this.#mountByRequest.set(request, mount)
  }

  /** With a slash before it and no query, or undefined where it goes elsewhere. */
  find(request: IncomingMessage): string | undefined {
    return (this.#mountByRequest.get(request) ?? this.#mount).within(requestTarget(request))
  }

  /** The same where there may be no node:http underneath: then by the URL. */
  findFetched({ url }: Request, incoming: IncomingMessage | undefined): string | undefined {
    return incoming ? this.find(incoming) : this.#mount.within(new URL(url).pathname)
  }
}
