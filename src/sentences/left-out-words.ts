import type { LeftOut } from '../engine/drive/protocol.ts'
import { count } from './figures.ts'

/** `4,000 more like slice.vanished are not kept`; when they were is the reader's to add. */
export function leftOutWords({ alike, count: many }: LeftOut): string {
  const is = many === 1 ? 'is' : 'are'
  if (alike === null)
    return `${count(many)} routine ${many === 1 ? 'event' : 'events'} ${is} not kept`
  return `${count(many)} more like ${alike} ${is} not kept`
}
