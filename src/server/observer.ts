import type { Observer } from '../chat/observer.ts'

/** One answered request, upgrades too. Holds no query string: tokens of other software end up in those. */
export interface RequestSummary {
  readonly address: string
  readonly method: string
  readonly path: string
  readonly httpVersion: string
  readonly status: number
  /** Of the body; undefined where that is not known. */
  readonly bytes: number | undefined
  readonly ms: number
  /** Why it was refused, for whoever runs the server. */
  readonly refusal?: string | undefined
}

/** What an operator may see of a server: what happens in the chat, and every request. */
export interface ServerObserver extends Observer {
  onRequest(request: RequestSummary): void
  /** A WebSocket from `address` was opened only to be told why it is closed; the chat never saw it. */
  onTurnAway(address: string, status: { readonly code: number; readonly reason: string }): void
}

/** Tells each of `observers`, in their order. */
export function combineObservers(observers: readonly ServerObserver[]): ServerObserver {
  return {
    onOpen(...args) {
      for (const observer of observers) observer.onOpen(...args)
    },
    onHello(...args) {
      for (const observer of observers) observer.onHello(...args)
    },
    onStored(...args) {
      for (const observer of observers) observer.onStored(...args)
    },
    onDeliver(...args) {
      for (const observer of observers) observer.onDeliver(...args)
    },
    onTrimmed(...args) {
      for (const observer of observers) observer.onTrimmed(...args)
    },
    onRefuse(...args) {
      for (const observer of observers) observer.onRefuse(...args)
    },
    onClose(...args) {
      for (const observer of observers) observer.onClose(...args)
    },
    onRequest(...args) {
      for (const observer of observers) observer.onRequest(...args)
    },
    onTurnAway(...args) {
      for (const observer of observers) observer.onTurnAway(...args)
    },
  }
}
