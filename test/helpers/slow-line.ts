// A long and slow line to a server on this computer: so many bytes a second towards it, and replies that come so late. What
// is under way is kept from being read, as a full line does, and not in a buffer of this helper.

import net from 'node:net'
import { onTestFinished } from 'vitest'

const stepMs = 20

/** Its dial string; closed when the test ends. */
export async function slowLine(port: number, bytesPerSecond: number, replyMs: number): Promise<string> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        near.destroy()
        far.destroy()
      })
    }
    far.on('data', (bytes) => {
      setTimeout(() => {
        if (near.writable) near.write(bytes)
      }, replyMs)
    })
    near.pause()
    const timer = setInterval(() => {
      const most = Math.ceil((bytesPerSecond * stepMs) / 1000)
      const bytes = (near.read(Math.min(most, near.readableLength)) ?? null) as Buffer | null
      if (bytes !== null && far.writable) far.write(bytes)
    }, stepMs)
    near.on('readable', () => undefined)
    near.on('close', () => clearInterval(timer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return `tcp!127.0.0.1!${(server.address() as net.AddressInfo).port}`
}
