// An SSH server in this process, on a free port of 127.0.0.1, that serves files over SFTP and can be told to misbehave. It
// is ssh2's own server; what OpenSSH does is tested against OpenSSH (openssh.ts).

import { generateKeyPairSync } from 'node:crypto'
import { open, realpath, stat, type FileHandle } from 'node:fs/promises'
import type { AddressInfo, Socket } from 'node:net'
import { Server, utils, type Connection, type Session, type SFTPWrapper } from 'ssh2'

const { STATUS_CODE, OPEN_MODE } = utils.sftp

export type SshServerFaults = {
  /** Connections are cut at the read of that number, counted over all of them from 0. */
  readonly cutAtReads?: readonly number[]
  /** As `cutAtReads`, but only the SFTP session ends, and its connection stays. */
  readonly endSessionAtReads?: readonly number[]
  /** Answers to reads come in another order. */
  readonly isOutOfOrder?: boolean
  /** No answer to a read is longer. */
  readonly mostReadBytes?: number
  /** Reads that touch one of these ranges [from, to) fail. */
  readonly badPlaces?: readonly (readonly [number, number])[]
  /** These paths may not be opened; `stat` works. */
  readonly denied?: readonly string[]
  readonly hasSftp?: boolean
  readonly isFull?: boolean
  /** Told to be block devices, of size 0. */
  readonly devices?: readonly string[]
  /** Writes are cut off at the one of that number, having been done or not. */
  readonly cutAtWrite?: { readonly number: number; readonly isDone: boolean }
  /** Names that lead nowhere else are served from this folder: /proc and /sys of a made-up machine. */
  readonly root?: string
}

const fileKind = 0o100000
const blockKind = 0o060000
const folderKind = 0o040000

export class SshServer {
  faults: SshServerFaults
  reads = 0
  /** Given in answer to them. */
  readBytes = 0
  readonly writes: { readonly offset: number; readonly length: number }[] = []
  logins = 0
  /** How many bytes the client granted at the most and had not got yet. */
  widestWindow = 0
  readonly #server: Server
  readonly #connections = new Set<Connection>()

  private constructor(server: Server, faults: SshServerFaults) {
    this.#server = server
    this.faults = faults
    server.on('connection', (client) => this.#serve(client))
  }

  static async start(faults: SshServerFaults = {}): Promise<SshServer> {
    // Not ssh2's own way to make keys: some of them it cannot read again.
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const server = new Server({ hostKeys: [privateKey.export({ type: 'sec1', format: 'pem' })] })
    const made = new SshServer(server, faults)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return made
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  dropConnections(): void {
    for (const client of this.#connections) cut(client)
  }

  async close(): Promise<void> {
    this.dropConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #serve(client: Connection): void {
    this.#connections.add(client)
    socketOf(client).setNoDelay(true)
    client.on('error', () => undefined)
    client.on('close', () => this.#connections.delete(client))
    client.on('authentication', (context) => context.accept())
    client.on('ready', () => {
      this.logins++
      client.on('session', (accept) => this.#session(client, accept()))
    })
  }

  #session(client: Connection, session: Session): void {
    session.on('sftp', (accept, reject) => {
      if (this.faults.hasSftp === false) reject()
      else new SftpSession(this, client, accept()).serve()
    })
  }
}

const socketOf = (client: Connection): Socket => {
  const { _sock: socket } = client as unknown as { readonly _sock: Socket }
  return socket
}

/** At once and without a word, as a machine that goes down. */
function cut(client: Connection): void {
  socketOf(client).destroy()
}

class SftpSession {
  readonly #server: SshServer
  readonly #client: Connection
  readonly #sftp: SFTPWrapper
  readonly #handles = new Map<string, { readonly file: FileHandle; readonly isDevice: boolean }>()
  readonly #late: (() => void)[] = []
  #next = 0

  constructor(server: SshServer, client: Connection, sftp: SFTPWrapper) {
    this.#server = server
    this.#client = client
    this.#sftp = sftp
  }

  serve(): void {
    const sftp = this.#sftp
    const answering = (work: () => Promise<void>, id: number): void =>
      void work().catch((error: NodeJS.ErrnoException) => sftp.status(id, statusOf(error)))
    sftp.on('error', () => undefined)
    sftp.on('close', () => {
      for (const { file } of this.#handles.values()) file.close().catch(() => undefined)
    })
    sftp.on('STAT', (id, path) => answering(async () => this.#attributes(id, path, await stat(this.#local(path))), id))
    sftp.on('FSTAT', (id, handle) => answering(async () => this.#fileStatus(id, handle), id))
    sftp.on('REALPATH', (id, path) => answering(async () => this.#realPath(id, path), id))
    sftp.on('OPEN', (id, path, flags) => answering(async () => this.#open(id, path, flags), id))
    sftp.on('READ', (id, handle, offset, length) => answering(async () => this.#read(id, handle, offset, length), id))
    sftp.on('WRITE', (id, handle, offset, data) => answering(async () => this.#write(id, handle, offset, data), id))
    sftp.on('CLOSE', (id, handle) =>
      answering(async () => {
        await this.#file(handle).close()
        this.#handles.delete(handle.toString())
        sftp.status(id, STATUS_CODE.OK)
      }, id),
    )
  }

  #local(path: string): string {
    const { root } = this.#server.faults
    return root !== undefined && /^\/(proc|sys|dev(?!\/shm))\//.test(path) ? `${root}${path}` : path
  }

  #isDevice(path: string): boolean {
    return this.#server.faults.devices?.includes(path) === true
  }

  #attributes(
    id: number,
    path: string,
    status: { readonly mode: number; readonly size: number; isDirectory: () => boolean },
  ): void {
    const kind = this.#isDevice(path) ? blockKind : status.isDirectory() ? folderKind : fileKind
    const size = kind === blockKind ? 0 : status.size
    this.#sftp.attrs(id, { mode: kind | (status.mode & 0o777), size, uid: 0, gid: 0, atime: 0, mtime: 0 })
  }

  async #fileStatus(id: number, handle: Buffer): Promise<void> {
    const { file, isDevice } = this.#handles.get(handle.toString())!
    const { mode, size } = await file.stat()
    const kind = isDevice ? blockKind : fileKind
    const shown = { mode: kind | (mode & 0o777), size: isDevice ? 0 : size, uid: 0, gid: 0, atime: 0, mtime: 0 }
    this.#sftp.attrs(id, shown)
  }

  async #realPath(id: number, path: string): Promise<void> {
    const { root = '' } = this.#server.faults
    const real = await realpath(this.#local(path)).catch(() => path)
    const filename = root !== '' && real.startsWith(root) ? real.slice(root.length) : real
    this.#sftp.name(id, [{ filename, longname: filename, attrs: {} as never }])
  }

  async #open(id: number, path: string, flags: number): Promise<void> {
    if (this.#server.faults.denied?.includes(path) === true)
      throw Object.assign(new Error('denied'), { code: 'EACCES' })
    const file = await open(this.#local(path), (flags & OPEN_MODE.WRITE) === 0 ? 'r' : 'r+')
    const handle = Buffer.from(String(this.#next++))
    this.#handles.set(handle.toString(), { file, isDevice: this.#isDevice(path) })
    this.#sftp.handle(id, handle)
  }

  #file(handle: Buffer): FileHandle {
    const known = this.#handles.get(handle.toString())
    if (known === undefined) throw Object.assign(new Error('no such handle'), { code: 'ENOENT' })
    return known.file
  }

  async #read(id: number, handle: Buffer, offset: number, length: number): Promise<void> {
    const { cutAtReads = [], mostReadBytes = length, badPlaces = [], isOutOfOrder = false } = this.#server.faults
    const { window } = (this.#sftp as unknown as { readonly outgoing: { readonly window: number } }).outgoing
    this.#server.widestWindow = Math.max(this.#server.widestWindow, window)
    const number = this.#server.reads++
    if (cutAtReads.includes(number)) {
      cut(this.#client)
      return
    }
    if (this.#server.faults.endSessionAtReads?.includes(number) === true) {
      this.#sftp.end()
      return
    }
    if (badPlaces.some(([from, to]) => offset < to && offset + length > from))
      throw Object.assign(new Error('input/output error'), { code: 'EIO' })
    const bytes = Buffer.alloc(Math.min(length, mostReadBytes))
    const { bytesRead } = await this.#file(handle).read(bytes, 0, bytes.length, offset)
    this.#server.readBytes += bytesRead
    const answer = (): void => {
      if (bytesRead === 0) this.#sftp.status(id, STATUS_CODE.EOF)
      else this.#sftp.data(id, bytes.subarray(0, bytesRead))
    }
    if (!isOutOfOrder) {
      answer()
      return
    }
    // The last that came in this turn is answered first.
    if (this.#late.push(answer) > 1) return
    setImmediate(() => {
      for (const one of this.#late.splice(0).toReversed()) one()
    })
  }

  async #write(id: number, handle: Buffer, offset: number, data: Buffer): Promise<void> {
    const { cutAtWrite, isFull = false } = this.#server.faults
    const number = this.#server.writes.length
    const isCut = cutAtWrite?.number === number
    if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    if (!isCut || cutAtWrite.isDone) {
      await this.#file(handle).write(data, 0, data.length, offset)
      this.#server.writes.push({ offset, length: data.length })
    }
    if (isCut) cut(this.#client)
    else this.#sftp.status(id, STATUS_CODE.OK)
  }
}

function statusOf({ code }: NodeJS.ErrnoException): number {
  if (code === 'ENOENT' || code === 'ENOTDIR') return STATUS_CODE.NO_SUCH_FILE
  return code === 'EACCES' || code === 'EPERM' ? STATUS_CODE.PERMISSION_DENIED : STATUS_CODE.FAILURE
}
