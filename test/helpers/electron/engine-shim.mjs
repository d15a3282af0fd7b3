// Loaded into a plain Node process before engine.js: gives it the port that Electron's utility process has. Messages wait
// until somebody listens, as there.

import { EventEmitter } from 'node:events'

class ParentPort extends EventEmitter {
  #waiting = []

  constructor() {
    super()
    process.on('message', (data) => {
      if (this.listenerCount('message') === 0) this.#waiting.push(data)
      else this.emit('message', { data, ports: [] })
    })
    this.on('newListener', (event) => {
      if (event !== 'message') return
      setImmediate(() => {
        for (const data of this.#waiting.splice(0)) this.emit('message', { data, ports: [] })
      })
    })
    // Chromium ends its children when the browser process is gone.
    process.on('disconnect', () => process.exit(0))
  }

  postMessage(message) {
    if (process.connected) process.send(message)
  }
}

Object.defineProperty(process, 'parentPort', { value: new ParentPort() })
