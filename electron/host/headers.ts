// What every answer says about itself. The page may load scripts, styles, pictures and fonts of this host, speak with this
// host, and nothing else; no other page may frame it, read it or hold on to its window.

import { createHash } from 'node:crypto'

/** The one style sheet that react-aria puts into a page by a script: it keeps a double tap from zooming. */
export const pressStyle = `@layer {
  [data-react-aria-pressable] {
    touch-action: pan-x pan-y pinch-zoom;
  }
}`
const pressStyleHash = `'sha256-${createHash('sha256').update(pressStyle).digest('base64')}'`

export function securityHeaders(host: string | null): Readonly<Record<string, string>> {
  // Not every browser takes a WebSocket for 'self'.
  const connect = host === null ? "'none'" : `'self' ws://${host}`
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' ${pressStyleHash}`,
      `connect-src ${connect}`,
      "img-src 'self' data:",
      "font-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), usb=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  }
}
