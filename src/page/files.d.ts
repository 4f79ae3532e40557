/** One file of the built page. */
export interface PageFile {
  /** Its media type. */
  type: string
  /** A digest of its text, without quotes. */
  etag: string
  /** Of `/index.html`: with `{base}` where the path goes that the page is mounted under. */
  text?: string
  /** Of all others: the text, deflated (raw) and in base64. A third of the size, in every Worker and in the package. */
  deflated?: string
}

/** What every answer of the page carries: the headers of `src/dashboard/public/_headers`. */
export const HEADERS: Readonly<Record<string, string>>

/** The built page by path: `/index.html`, `/icon.svg`, `/assets/...`. `npm run build` makes it. */
export const FILES: ReadonlyMap<string, PageFile>
