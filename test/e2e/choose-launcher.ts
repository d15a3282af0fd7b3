// Which program the end-to-end scenarios run in: real Electron where its program is here and has a display, else Chromium with
// the browser host. VENTI_MIRROR_E2E=chromium or =electron asks for one of them.

import { chromiumPath } from '../helpers/chromium.ts'
import { projectUrl } from '../helpers/project-dir.ts'

type Finding = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** Paths; null: it is not here. */
  readonly electron: string | null
  readonly chromium: string | null
}

export type Launcher = {
  readonly kind: 'electron' | 'chromium'
  /** For the person who reads what a run showed. */
  readonly words: string
}

/** Null: the scenarios cannot run here; `words` of the reason. */
export type Choice = Launcher | { readonly kind: null; readonly words: string }

function reasonAgainstElectron({ electron, platform, environment }: Finding): string | null {
  if (environment['VENTI_MIRROR_E2E'] === 'chromium') return 'not asked for'
  if (electron === null) return "Electron's program is not here; node node_modules/electron/install.js fetches it"
  const hasDisplay = Boolean(environment['DISPLAY'] ?? environment['WAYLAND_DISPLAY'])
  if (platform === 'linux' && !hasDisplay) return 'there is no display for Electron; xvfb-run makes one'
  return null
}

export function chooseLauncher(finding: Finding): Choice {
  const reason = reasonAgainstElectron(finding)
  if (reason === null) return { kind: 'electron', words: `Electron (${finding.electron})` }
  if (finding.environment['VENTI_MIRROR_E2E'] === 'electron') return { kind: null, words: `nothing: ${reason}` }
  if (finding.chromium === null) {
    return { kind: null, words: `nothing: no chromium on the path (or in $CHROMIUM), and ${reason}` }
  }
  return { kind: 'chromium', words: `Chromium (${finding.chromium}) with the browser host: ${reason}` }
}

export async function findLauncher(): Promise<Choice> {
  const scripts = (await import(projectUrl('build/scripts/electron.mjs'))) as { electronProgram(): string | null }
  return chooseLauncher({
    environment: process.env,
    platform: process.platform,
    electron: scripts.electronProgram(),
    chromium: chromiumPath(),
  })
}
