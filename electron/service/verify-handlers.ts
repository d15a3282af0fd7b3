// Everything of the Verify and Activity views together, with what the groups share: the archives that are open.

import { activityHandlers } from './activity-handlers.ts'
import { checkHandlers } from './check-handlers.ts'
import type { ServiceContext } from './context.ts'
import { extractHandlers } from './extract-handlers.ts'
import { OpenTrees } from './open-trees.ts'
import { recoveryHandlers } from './recovery-handlers.ts'
import { rootHandlers } from './roots-handlers.ts'
import { treeHandlers } from './tree-handlers.ts'

export function verifyHandlers(context: ServiceContext) {
  const trees = new OpenTrees(context)
  return {
    handlers: {
      ...rootHandlers(context),
      ...checkHandlers(context),
      ...treeHandlers(context, trees),
      ...extractHandlers(context),
      ...recoveryHandlers(context, trees),
      ...activityHandlers(context),
    },
    /** Ends the connections of the open archives. */
    close: async (): Promise<void> => await trees.close(),
  }
}
