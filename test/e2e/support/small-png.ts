import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const COLOURS = 256
const FREQUENT = 160

/**
 * The picture with 256 colours, which takes a third of the space. The others, of shadows and the edges of
 * letters, become the nearest of those.
 */
export function smallPng(png: Buffer): Buffer {
  const { width, height, bytes, pixels } = decode(png)
  const counts = new Map<number, number>()
  for (let at = 0; at < pixels.length; at += bytes) {
    const colour = pixels.readUIntBE(at, 3)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const palette = paletteOf(counts)
  const indexes = new Map(palette.map((colour, index) => [colour, index]))
  const indexOf = (colour: number): number => {
    const known = indexes.get(colour) ?? nearest(palette, colour)
    indexes.set(colour, known)
    return known
  }
  const rows = Buffer.alloc(height * (width + 1))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = pixels.readUIntBE((y * width + x) * bytes, 3)
      rows[y * (width + 1) + 1 + x] = indexOf(colour)
    }
  }
  const colours = Buffer.alloc(palette.length * 3)
  for (const [index, colour] of palette.entries()) colours.writeUIntBE(colour, index * 3, 3)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Most are the most frequent; the others those that would miss the most by the nearest of these. */
function paletteOf(counts: ReadonlyMap<number, number>): number[] {
  const byCount = [...counts].toSorted(([, a], [, b]) => b - a)
  const palette = byCount.slice(0, FREQUENT).map(([colour]) => colour)
  const missed = new Map(
    byCount
      .slice(FREQUENT)
      .map(([colour]) => [colour, apart(palette[nearest(palette, colour)] ?? 0, colour)]),
  )
  while (palette.length < COLOURS && missed.size > 0) {
    const weight = ([colour, distance]: [number, number]) =>
      distance * Math.sqrt(counts.get(colour) ?? 0)
    const [worst] = [...missed].reduce((most, one) => (weight(one) > weight(most) ? one : most))
    palette.push(worst)
    for (const [colour, distance] of missed) {
      missed.set(colour, Math.min(distance, apart(worst, colour)))
    }
    missed.delete(worst)
  }
  return palette
}

function nearest(palette: readonly number[], colour: number): number {
  let [best, least] = [0, Infinity]
  for (const [index, other] of palette.entries()) {
    const distance = apart(other, colour)
    if (distance < least) [best, least] = [index, distance]
  }
  return best
}

function apart(a: number, b: number): number {
  return [16, 8, 0].reduce(
    (sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2,
    0,
  )
}

/** A PNG as browsers write it: 8 bits a channel, not interlaced. */
function decode(png: Buffer) {
  const data: Buffer[] = []
  let at = SIGNATURE.length
  let [width, height, bytes] = [0, 0, 0]
  while (at < png.length) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const body = png.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') {
      width = body.readUInt32BE(0)
      height = body.readUInt32BE(4)
      bytes = body[9] === 6 ? 4 : 3
    }
    if (type === 'IDAT') data.push(body)
    at += length + 12
  }
  return {
    width,
    height,
    bytes,
    pixels: unfiltered(inflateSync(Buffer.concat(data)), width, bytes),
  }
}

/** Each row begins with how it was filtered: told by what is left of, above, and above left of each byte. */
function unfiltered(raw: Buffer, width: number, bytes: number): Buffer {
  const stride = width * bytes
  const height = raw.length / (stride + 1)
  const pixels = Buffer.alloc(height * stride)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]
    for (let x = 0; x < stride; x++) {
      const to = y * stride + x
      const left = x >= bytes ? (pixels[to - bytes] ?? 0) : 0
      const above = y > 0 ? (pixels[to - stride] ?? 0) : 0
      const corner = x >= bytes && y > 0 ? (pixels[to - stride - bytes] ?? 0) : 0
      const guesses = [0, left, above, (left + above) >> 1, paeth(left, above, corner)]
      pixels[to] = (raw[y * (stride + 1) + 1 + x] ?? 0) + (guesses[filter ?? 0] ?? 0)
    }
  }
  return pixels
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner
  const [a, b, c] = [left, above, corner].map((one) => Math.abs(guess - one)) as [
    number,
    number,
    number,
  ]
  return a <= b && a <= c ? left : b <= c ? above : corner
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}
