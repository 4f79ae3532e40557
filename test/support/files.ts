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
