// Numbers of the arena format. Authority: plan9port src/cmd/venti/srv/dat.h and conv.c.

/** Untouched area at the start of every arena partition (256 KiB). */
export const partBlankBytes = 256 * 1024
/** Bytes read for the partition header behind it; the table starts at the next block boundary after these. */
export const headSizeBytes = 512
export const minBlockSize = 512
/** Largest legal partition block. */
export const maxBlockSize = 64 * 1024
/** Largest uncompressed block a server stores: 56 KiB. */
export const maxLumpBytes = 56 * 1024
/** Smallest arena fmtarenas makes. */
export const minArenaBytes = 1024 * 1024
/** Stored length of an arena name, NUL included. */
export const nameBytes = 64
export const maxTableEntries = 31 * 1024
export const scoreBytes = 20

export const partitionMagic = 0xa9e4a5e7
export const arenaHeadMagic = 0xd15c4ead
export const arenaTailMagic = 0xf2a14ead
/** Clump magic of every version-4 arena. Version 5 has a random one per arena. */
export const clumpMagicV4 = 0xd15cb10c
/** Four bytes of zero end a clump log. */
export const clumpFreeMagic = 0

export const encodingPlain = 1
export const encodingWhack = 2

export type ArenaVersion = 4 | 5
