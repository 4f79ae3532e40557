/** R2 wants at least 5 MiB, and all parts of the same size but the last. */
const PART_BYTES = 8 * 1024 * 1024

/** Writes an R2 object of any size and unknown length, holding one part in memory. */
export class MultipartWriter {
  readonly #bucket: R2Bucket
  readonly #key: string
  #upload: R2MultipartUpload | undefined
  #parts: R2UploadedPart[] = []
  #part = new Uint8Array(PART_BYTES)
  #filled = 0

  constructor(bucket: R2Bucket, key: string) {
    this.#bucket = bucket
    this.#key = key
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.byteLength > 0;) {
      const taken = rest.subarray(0, PART_BYTES - this.#filled)
      this.#part.set(taken, this.#filled)
      this.#filled += taken.byteLength
      rest = rest.subarray(taken.byteLength)
      if (this.#filled === PART_BYTES) await this.#send()
    }
  }

  /** Makes the object visible, all at once. A small one is a plain put. */
  async complete(): Promise<void> {
    if (this.#upload === undefined) {
      await this.#bucket.put(this.#key, this.#part.subarray(0, this.#filled))
      return
    }
    if (this.#filled > 0) await this.#send()
    await this.#upload.complete(this.#parts)
  }

  /** Leaves nothing behind. (Should even that fail, R2 drops an upload not completed after 7 days.) */
  async abort(): Promise<void> {
    await this.#upload?.abort().catch(() => undefined)
  }

  async #send(): Promise<void> {
    this.#upload ??= await this.#bucket.createMultipartUpload(this.#key)
    const part = this.#part.subarray(0, this.#filled)
    this.#parts.push(await this.#upload.uploadPart(this.#parts.length + 1, part))
    this.#part = new Uint8Array(PART_BYTES)
    this.#filled = 0
  }
}
