import type { FailedItem } from '../engine/failed-item.ts'
import { count } from './figures.ts'

/** `item 317`, or `the batch of 50 items at 317`. */
export function failedItemWords({ cursor, items }: Pick<FailedItem, 'cursor' | 'items'>): string {
  if (items === undefined) return `item ${cursor}`
  return `the batch of ${items === 1 ? 'one item' : `${count(items)} items`} at ${cursor}`
}
