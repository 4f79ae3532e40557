import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until it is so. Throws when it is not in time, saying what was waited for. */
export async function eventually(
  what: string,
  withinMs: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`)
    await sleep(10)
  }
}
