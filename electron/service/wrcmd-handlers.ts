// A 9fat looked at outside the wizard.

import type { ServiceContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { lookAtWrcmd } from './wrcmd-look.ts'

export function wrcmdHandlers({ places }: ServiceContext): Pick<Handlers, 'wrcmd.look'> {
  return {
    'wrcmd.look': async ({ place, source }) => {
      return await lookAtWrcmd(places.pathOf(place), source === null ? null : places.pathOf(source), places)
    },
  }
}
