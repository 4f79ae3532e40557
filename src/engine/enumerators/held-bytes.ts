/** The bytes of a file that have arrived and are still needed, by their offsets in the file. */
export class HeldBytes {
  #pieces: Uint8Array[] = []
  #from: number

  constructor(from: number) {
    this.#from = from
  }

  append(piece: Uint8Array): void {
    if (piece.length > 0) this.#pieces.push(piece)
  }

  /** Those from one offset up to another; a copy only where they arrived in several pieces. */
  slice(from: number, to = Infinity): Uint8Array {
    const parts: Uint8Array[] = []
    let offset = this.#from
    for (const piece of this.#pieces) {
      const part = piece.subarray(Math.max(0, from - offset), Math.max(0, to - offset))
      if (part.length > 0) parts.push(part)
      offset += piece.length
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : joined(parts)
  }

  /** Lets go of what is before an offset. */
  drop(before: number): void {
    let gone = 0
    for (const piece of this.#pieces) {
      if (this.#from + piece.length > before) break
      this.#from += piece.length
      gone += 1
    }
    this.#pieces.splice(0, gone)
  }
}

/** Bytes in one piece. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
