// What no page may do, whatever got into it: leave, open a window, attach a guest, use a device, or load anything from
// elsewhere. The content security policy says so to the page; this says so to the browser around it.

import type { Session, WebContents } from 'electron'
import { pageOrigin, pageScheme } from '../../shared/bridge.ts'

/** A command line that the user copies; everything else asks for a permission that nothing here needs. */
const allowedPermission = 'clipboard-sanitized-write'

const isPage = (url: string): boolean => url === `${pageOrigin}/`

/** Pictures and texts that the page made itself: an export is saved by a blob of its own. */
const isOwn = (url: string): boolean => url.startsWith(`${pageOrigin}/`) || url.startsWith(`blob:${pageOrigin}/`)

function mayLoad(url: string, isPackaged: boolean): boolean {
  if (isOwn(url) || url.startsWith('data:image/')) return true
  return !isPackaged && url.startsWith('devtools:')
}

export type Refused = (what: string) => void

export function guardSession(session: Session, isPackaged: boolean, refused: Refused): void {
  session.setPermissionRequestHandler((contents, permission, done) => {
    const allowed = permission === allowedPermission && isPage(contents.getURL())
    if (!allowed) refused(`the permission ${permission}`)
    done(allowed)
  })
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === allowedPermission && origin.replace(/\/$/, '') === pageOrigin,
  )
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest(({ url }, done) => {
    const cancel = !mayLoad(url, isPackaged)
    if (cancel) refused(`a request to ${schemeOf(url)}`)
    done({ cancel })
  })
  session.on('will-download', (event, item) => {
    if (item.getURL().startsWith(`blob:${pageOrigin}/`)) return
    refused(`a download from ${schemeOf(item.getURL())}`)
    event.preventDefault()
  })
}

/** For every contents there ever is, also those nobody meant to make. */
export function guardContents(contents: WebContents, refused: Refused): void {
  contents.setWindowOpenHandler(({ url }) => {
    refused(`a window on ${schemeOf(url)}`)
    return { action: 'deny' }
  })
  const stay = (event: { readonly url: string; preventDefault(): void }): void => {
    // A reload is a navigation to the page itself.
    if (isPage(event.url)) return
    refused(`a navigation to ${schemeOf(event.url)}`)
    event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-frame-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-attach-webview', (event) => {
    refused('a guest page')
    event.preventDefault()
  })
}

/** Enough for a log: the rest of an address may hold anything. */
function schemeOf(url: string): string {
  return /^[a-z][a-z0-9+.-]{0,30}:/i.exec(url)?.[0] ?? 'an address without a scheme'
}

/** Whether a message comes from the page in its main frame: a frame inside it, or a page that got in its place, is a stranger. */
export function isOwnFrame(frame: { readonly url: string; readonly parent: unknown } | null, main: unknown): boolean {
  return (
    frame !== null &&
    frame === main &&
    frame.parent === null &&
    new RegExp(`^${pageScheme}://window/(?:$|[?#])`).test(frame.url)
  )
}
