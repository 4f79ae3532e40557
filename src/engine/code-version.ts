/** The code that is running. Sorts by upload time, so that older code can be told from newer. */
export function codeVersion({ VERSION }: Cloudflare.Env): string {
  return `${VERSION.timestamp ?? ''}#${VERSION.id ?? ''}`
}
