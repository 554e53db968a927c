import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

type SecureHeadersOptions = NonNullable<Parameters<typeof secureHeaders>[0]>

const OPTIONS: SecureHeadersOptions = {
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    // Covers ws: and wss: of the same host too (CSP 3 §6.7.2.8).
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'self'"],
    requireTrustedTypesFor: ["'script'"],
  },
  permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [], usb: [] },
  // 'no-referrer' would make browsers send `Origin: null` with forms that belong here.
  referrerPolicy: 'same-origin',
  strictTransportSecurity: false,
  // For browsers that are gone.
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
  // An answer that is meant for other sites says so itself.
  overwrite: false,
}

/** What browsers are told not to do with our answers; on https also to stay there. */
export function securityHeaders(isSecure: (c: Parameters<MiddlewareHandler>[0]) => boolean): MiddlewareHandler {
  const onHttp = secureHeaders(OPTIONS)
  // 180 days. Not for subdomains: they may be somebody else's.
  const onHttps = secureHeaders({ ...OPTIONS, strictTransportSecurity: 'max-age=15552000' })
  return (c, next) => (isSecure(c) ? onHttps : onHttp)(c, next)
}
