import { createGunzip, type Gunzip } from 'node:zlib'
import { ShopError } from '../shop-error.ts'

/** The most bytes that a file may have unpacked, however it was sent. */
const MAX_BYTES = 1024 ** 3
/** Order lines come to a tenth of their size. What comes to less than a hundredth is made to fill the bucket. */
const MAX_RATIO = 100
/** Up to here a file of equal lines is harmless. */
const HARMLESS_BYTES = 64 * 1024 ** 2

/**
 * A body's content: what begins like gzip is unpacked, whatever its name says, members and padding as
 * gzip itself does. Throws `import_unreadable` for gzip that is cut off or damaged, `import_too_large`
 * for more than 1 GiB, or for more than 64 MiB out of less than a hundredth of that.
 */
export async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const source = new Counted(body)
  let bytes = 0
  for await (const chunk of (await source.beginsLikeGzip()) ? gunzipped(source) : source) {
    bytes += chunk.byteLength
    const most = Math.min(MAX_BYTES, Math.max(HARMLESS_BYTES, source.sent * MAX_RATIO))
    if (bytes > most) {
      throw new ShopError(
        'import_too_large',
        `The file has more than ${most} bytes once it is unpacked, out of ${source.sent}; expected at most 1 GiB, and beyond 64 MiB at most ${MAX_RATIO} times what is sent. Split it, or send it as it is`,
      )
    }
    yield chunk
  }
}

/** A body by its chunks, and how much of it has come. */
class Counted implements AsyncIterable<Uint8Array> {
  sent = 0
  /** Of all that has come, how much there is up to the last byte that is not 0. */
  sentUpToPadding = 0
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #head: Uint8Array[] = []

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]()
  }

  async beginsLikeGzip(): Promise<boolean> {
    const begin: number[] = []
    while (begin.length < 2) {
      const { done, value } = await this.#chunks.next()
      if (done) break
      this.#head.push(value)
      begin.push(...value.subarray(0, 2))
    }
    return begin[0] === 0x1f && begin[1] === 0x8b
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (const chunk of this.#head) yield this.#count(chunk)
    yield* this.#rest()
  }

  async *#rest(): AsyncGenerator<Uint8Array> {
    for await (const chunk of { [Symbol.asyncIterator]: () => this.#chunks })
      yield this.#count(chunk)
  }

  #count(chunk: Uint8Array): Uint8Array {
    const last = chunk.findLastIndex((byte) => byte !== 0)
    if (last >= 0) this.sentUpToPadding = this.sent + last + 1
    this.sent += chunk.byteLength
    return chunk
  }
}

/** By Node's gunzip: the platform's own stream refuses a second member, and padding. */
async function* gunzipped(source: Counted): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 })
  const feeding = feed(gunzip, source)
  feeding.catch((error: unknown) => gunzip.destroy(error as Error))
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array
    await feeding
  } catch (cause) {
    if (!isOfZlib(cause)) throw cause
    throw unreadable(`The file begins like gzip but cannot be unpacked: ${cause.message}`, cause)
  } finally {
    gunzip.destroy()
  }
  if (source.sentUpToPadding > gunzip.bytesWritten) {
    throw unreadable(
      `The gzipped file ends at byte ${gunzip.bytesWritten}, and then something else follows; expected nothing, or padding with zeros`,
    )
  }
}

/** Hands the whole source over; what comes behind gunzip's end is still read, to see that it is padding. */
async function feed(gunzip: Gunzip, source: Counted): Promise<void> {
  for await (const chunk of source) {
    if (gunzip.readableEnded) continue
    if (gunzip.destroyed) return
    await new Promise<void>((resolve) => {
      // Whichever comes: once it has ended, it takes nothing and answers nothing.
      gunzip.once('close', resolve)
      gunzip.write(chunk, () => {
        gunzip.off('close', resolve)
        resolve()
      })
    })
  }
  if (!gunzip.destroyed) gunzip.end()
}

function isOfZlib(error: unknown): error is Error {
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith('Z_')
}

function unreadable(message: string, cause?: unknown): ShopError {
  return new ShopError('import_unreadable', message, cause === undefined ? {} : { cause })
}
