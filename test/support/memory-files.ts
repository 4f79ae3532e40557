import { statfsSync } from 'node:fs'

/** Where Linux keeps files in memory. */
const IN_MEMORY = '/dev/shm'
const ENOUGH_BYTES = 4 * 1024 ** 3

/**
 * Puts temporary files into memory, where there is room for them. SQLite waits for the disk at each commit,
 * which was most of the time of the tests that make many. What a killed process has written stays either
 * way; no test cuts the power. Nothing is changed when TMPDIR says where they belong.
 */
export function keepFilesInMemory(): void {
  if (process.platform !== 'linux' || process.env['TMPDIR'] !== undefined) return
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY)
    if (bavail * bsize >= ENOUGH_BYTES) process.env['TMPDIR'] = IN_MEMORY
  } catch {
    // No such place: on the disk, as ever.
  }
}
