// The bridge into the page: the contract, carried by IPC, and nothing else. It runs sandboxed, so it is one CommonJS file
// without Node; no object of Electron gets to the page, only functions made here, and what goes through them is copied.

import { contextBridge, ipcRenderer } from 'electron'
import { askChannel, bridgeName, eventChannel, type Bridge } from '../../shared/bridge.ts'

const bridge: Bridge = {
  ask: (channel, asked) => ipcRenderer.invoke(askChannel, channel, asked) as ReturnType<Bridge['ask']>,
  onEvent: (told) => {
    // The event itself carries ports and the sender: the page gets the value alone.
    const listener = (_event: unknown, message: Parameters<typeof told>[0]): void => told(message)
    ipcRenderer.on(eventChannel, listener)
    return () => void ipcRenderer.off(eventChannel, listener)
  },
}

contextBridge.exposeInMainWorld(bridgeName, bridge)
