// What answers the channels: groups of handlers that share a context, put together in service.ts.

import type { Answer, Asked, Channel } from '../../shared/contract.ts'

export type Handler<C extends Channel> = (asked: Asked<C>) => Promise<Answer<C>>
export type Handlers<C extends Channel = Channel> = { readonly [Name in C]: Handler<Name> }
