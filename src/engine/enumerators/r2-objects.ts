import type { Cursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import { enumerator, type Enumerator, type Page } from './enumerator.ts'

export interface R2ObjectsOptions {
  /** Only keys that begin with this. @default all */
  prefix?: string
  /** Start after this key. */
  cursor: Cursor | null
  /** Objects listed at once; R2 gives at most 1,000. @default 1_000 */
  limit?: number
  /** Metadata to list beside the rest. R2 may list fewer objects at once then. */
  include?: NonNullable<R2ListOptions['include']>
}

/**
 * Walks the objects of an R2 bucket in the order of their keys, as listed; `bucket.get(object.key)`
 * reads one. Cursor: the key. Size: null. An object written or deleted during the walk is met if its
 * key is still ahead of the list that was read last.
 *
 * A resumed walk lists from after its key (`startAfter`). R2's own cursor would not do: it names the
 * end of a list, not an object in it, and promises nothing about how long it holds.
 */
export function r2Objects(
  bucket: R2Bucket,
  options: R2ObjectsOptions,
): Enumerator<R2Object, string> {
  const { prefix, cursor, limit = 1_000, include } = options
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1_000) {
    throw new DogearError(
      'invalid_enumerator',
      `enumerators.r2Objects got limit ${limit}; expected a whole number from 1 to 1,000`,
    )
  }
  if (cursor !== null && typeof cursor !== 'string') {
    throw new DogearError(
      'invalid_cursor',
      `enumerators.r2Objects got cursor ${describeValue(cursor)}; expected a key or null`,
    )
  }
  const narrowed = {
    limit,
    ...(prefix !== undefined && { prefix }),
    ...(include !== undefined && { include }),
  }
  return enumerator(
    async function* () {
      let from: R2ListOptions = cursor === null ? {} : { startAfter: cursor }
      for (;;) {
        const listed = await bucket.list({ ...narrowed, ...from })
        yield withKeys(listed.objects)
        if (!listed.truncated) return
        if (listed.cursor === from.cursor) {
          throw new DogearError(
            'invalid_enumerator',
            `enumerators.r2Objects: the list after ${describeValue(listed.cursor)} names itself as the next one; expected lists that come to an end`,
          )
        }
        from = { cursor: listed.cursor }
      }
    },
    async () => null,
  )
}

function* withKeys(objects: readonly R2Object[]): Page<R2Object, string> {
  for (const object of objects) yield [object, object.key]
}
