import { env } from 'cloudflare:workers'

let files = 0

/** Puts a file into the bucket, under a key of its own. */
export async function upload(content: string | Uint8Array): Promise<string> {
  const key = `file-${++files}`
  await env.FILES.put(key, content)
  return key
}

/** The bucket, telling of each byte range that is read. */
export function watchedReads(read: (range: { offset: number; length: number }) => void): R2Bucket {
  return {
    head: (key: string) => env.FILES.head(key),
    get(key: string, options: R2GetOptions) {
      read(options.range as { offset: number; length: number })
      return env.FILES.get(key, options)
    },
  } as unknown as R2Bucket
}

/** Bytes from texts, in UTF-8, and from numbers. */
export function bytesOf(...parts: (string | number[])[]): Uint8Array {
  const encoder = new TextEncoder()
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...encoder.encode(part)] : part)),
  )
}

/** A text or bytes, compressed. */
export async function gzipped(content: string | Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
