import type { BlockSource } from '../source/block-source.ts'
import type { SshPath } from './address.ts'
import type { BorrowMachine } from './machine.ts'
export async function openSftpSource(path: SshPath, borrow: BorrowMachine): Promise<BlockSource> {
  throw new Error(`not yet ${path.path} ${String(borrow)}`)
}
export async function sftpFileExists(path: SshPath, borrow: BorrowMachine): Promise<boolean> {
  throw new Error(`not yet ${path.path} ${String(borrow)}`)
}
