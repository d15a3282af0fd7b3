// Serves the page by a scheme of the application's own: a secure origin with its content security policy, where nothing but
// the few files that were read at the start exists.

import { protocol, type Session } from 'electron'
import { pageOrigin, pageScheme } from '../../shared/bridge.ts'
import { securityHeaders } from '../host/headers.ts'
import type { PageFiles } from '../host/page-files.ts'

/** Before the application is ready: afterwards Electron refuses it. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

const refusal = (status: number): Response =>
  new Response(null, { status, headers: { ...securityHeaders(null), 'Content-Type': 'text/plain; charset=utf-8' } })

function answer(files: PageFiles, { url, method }: Request): Response {
  if (method !== 'GET') return refusal(405)
  const { protocol: scheme, host, pathname } = new URL(url)
  // No decoding: a name with a percent sign or ".." in it is none of ours.
  const file = `${scheme}//${host}` === pageOrigin ? files.get(pathname) : undefined
  if (file === undefined) return refusal(404)
  return new Response(new Uint8Array(file.bytes), {
    headers: { ...securityHeaders(null), 'Content-Type': file.type, 'Cache-Control': 'no-cache' },
  })
}

export function servePage(session: Session, files: PageFiles): void {
  session.protocol.handle(pageScheme, (request) => answer(files, request))
}
