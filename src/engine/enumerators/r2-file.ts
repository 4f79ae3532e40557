import type { Cursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import { requireCount } from './keyset.ts'

/** The start of the next record of a file. (A type and not an interface: only so does it satisfy `Cursor`.) */
export type FilePosition = {
  readonly byte: number
  readonly line: number
  /** The version of the file. Without it, as in cursors of older code, any version fits. */
  readonly etag?: string
}

export interface FileOptions {
  /** Start after the record beside which this cursor came; null is the file's start. */
  cursor: Cursor | null
  /** Bytes read at once. The next chunk is read while the records of this one are worked on. @default 262_144 */
  chunkBytes?: number
  /**
   * The version of the file that is meant, as R2 tells it (`object.etag`); another one is refused. For
   * several walks over one file: a cursor binds only its own walk to a version. @default any
   */
  etag?: string
}

/** A file in R2 that is read piece by piece; shared by the enumerators that walk the records of one. */
export class R2File {
  readonly chunkBytes: number
  /** The walk's start; null at the file's start. */
  readonly start: FilePosition | null
  readonly #enumerator: string
  readonly #bucket: R2Bucket
  readonly #key: string
  readonly #wanted: string | undefined

  constructor(
    name: string,
    bucket: R2Bucket,
    key: string,
    { cursor, chunkBytes = 256 * 1024, etag }: FileOptions,
  ) {
    this.#enumerator = name
    this.#bucket = bucket
    this.#key = key
    this.#wanted = etag
    this.chunkBytes = requireCount(name, 'chunkBytes', chunkBytes)
    this.start = cursor === null ? null : this.#requirePosition(cursor)
  }

  /** Looks the file up. Every read wants the version that is there now: two are never mixed. */
  async open(): Promise<OpenFile> {
    const head = await this.#bucket.head(this.#key)
    if (head === null)
      throw this.#invalid(`found no file ${JSON.stringify(this.#key)} in the bucket`)
    const { size, etag } = head
    const file = JSON.stringify(this.#key)
    if (this.#wanted !== undefined && this.#wanted !== etag) {
      throw this.#replaced(
        `: its etag is ${describeValue(etag)}; expected ${describeValue(this.#wanted)}`,
      )
    }
    if (this.start?.etag !== undefined && this.start.etag !== etag) {
      throw this.#replaced(
        ` since line ${this.start.line - 1} was done; expected it to stay as it is`,
      )
    }
    if (this.start !== null && this.start.byte > size) {
      throw this.#invalidCursor(`byte ${this.start.byte}`, `at most ${size}, the size of ${file}`)
    }
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const range = { offset, length: Math.min(length, size - offset) }
      const object = await this.#bucket.get(this.#key, { range, onlyIf: { etagMatches: etag } })
      if (object !== null && 'body' in object) {
        const bytes = new Uint8Array(await object.arrayBuffer())
        if (bytes.byteLength === range.length) return bytes
        // A cut at a line's end would look like the end of the file. Retried like any other bad network.
        throw new Error(
          `R2 sent ${bytes.byteLength} bytes of ${file} from byte ${offset} on; expected ${range.length}`,
        )
      }
      throw this.#invalid(
        `the file ${file} was ${object === null ? 'deleted' : 'replaced'} during the walk; expected it to stay as it is`,
      )
    }
    // A walk from a cursor without a version goes on so: its skipped items are found again by their cursors.
    const named = this.start === null || this.start.etag !== undefined
    return { size, read, etag: named ? etag : undefined }
  }

  #replaced(how: string): DogearError {
    return this.#invalid(
      `the file ${JSON.stringify(this.#key)} was replaced${how}. A changed file is another one: upload it under a key of its own, and start a run for it`,
    )
  }

  #invalid(problem: string): DogearError {
    const colon = problem.startsWith('found') ? '' : ':'
    return new DogearError('invalid_enumerator', `${this.#enumerator}${colon} ${problem}`)
  }

  #requirePosition(cursor: Cursor): FilePosition {
    const { byte, line, etag } = (cursor ?? {}) as Partial<FilePosition>
    const usable =
      (etag === undefined || typeof etag === 'string') &&
      Number.isSafeInteger(byte) &&
      Number.isSafeInteger(line) &&
      Number(byte) >= 0 &&
      Number(line) >= 1
    if (usable)
      return { byte: Number(byte), line: Number(line), ...(etag !== undefined && { etag }) }
    throw this.#invalidCursor(
      `cursor ${describeValue(cursor)}`,
      '{ byte, line, etag } as it came beside a record, or null',
    )
  }

  #invalidCursor(found: string, expected: string): DogearError {
    return new DogearError(
      'invalid_cursor',
      `${this.#enumerator} got ${found}; expected ${expected}`,
    )
  }
}

export interface OpenFile {
  readonly size: number
  /** The version that cursors of this walk are to name. */
  readonly etag: string | undefined
  read(offset: number, length: number): Promise<Uint8Array>
}

/** The file's bytes from an offset on; a chunk is read while the one before it is worked on. */
export async function* chunks(
  file: OpenFile,
  from: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  let next = from < file.size ? file.read(from, length) : undefined
  for (let offset = from + length; next !== undefined; offset += length) {
    const chunk = await next
    next = offset < file.size ? file.read(offset, length) : undefined
    // A chunk nobody came to wait for must not end the process when it fails.
    next?.catch(() => undefined)
    yield chunk
  }
}
