import { describeValue, InvalidRecordError, Unreadable } from 'dogear'
import { CsvParser, textOnly } from 'dogear/csv'
import { parseImportRow, requireImportColumns } from './import.ts'
import { MultipartWriter } from './multipart-writer.ts'
import { ShopError } from '../shop-error.ts'
import { unpacked } from './unpack.ts'

/** The keys of uploaded files begin with it. */
export const IMPORTS_PREFIX = 'imports/'
/** The bytes of a file that are checked while it is uploaded; a request has no CPU time for more. The run checks all. */
const CHECKED_BYTES = 16 * 1024 * 1024

/** A file that is ready to be imported: the params of `import-orders`. */
export interface Upload {
  /** Its key in R2. */
  file: string
  /** The source of its order lines: the file's name without .csv or .csv.gz. */
  name: string
}

/**
 * Stores a CSV file, gzipped or not, for an import. Memory stays flat. What is no text in UTF-8, or is
 * wrong in its header or first 16 MiB, is refused here, and so is what grows too large once unpacked;
 * then nothing is left in R2. Each upload has a key of its own, so an earlier file of the same name,
 * which a run may be walking, stays as it is.
 */
export async function uploadImport(
  bucket: R2Bucket,
  fileName: string,
  body: ReadableStream<Uint8Array> | null,
): Promise<Upload> {
  const name = fileName.replace(/\.csv(\.gz)?$/i, '')
  if (!/^[^/\p{Cc}\uFFFD]{1,100}$/u.test(name) || !name.isWellFormed()) {
    throw new ShopError(
      'import_name_wrong',
      `File name ${describeValue(fileName)}; expected 1 to 100 characters in UTF-8 before .csv, no slash among them`,
    )
  }
  // The shop's own seed is the source of that name: its lines would be taken for the file's.
  if (name === 'seed') {
    throw new ShopError(
      'import_name_wrong',
      `File name ${describeValue(fileName)}; expected another than 'seed'`,
    )
  }
  const file = `${IMPORTS_PREFIX}${name}/${crypto.randomUUID()}.csv`
  const writer = new MultipartWriter(bucket, file)
  const parser = new CsvParser()
  try {
    let bytes = 0
    let checkedAll = true
    for await (const chunk of textOf(body ?? nothing())) {
      await writer.write(chunk)
      checkedAll = bytes < CHECKED_BYTES
      if (checkedAll) await check(parser, parser.write(chunk))
      bytes += chunk.byteLength
    }
    if (bytes === 0) {
      throw new ShopError('import_empty', 'The file is empty; expected CSV with a header line')
    }
    if (checkedAll) await check(parser, parser.end())
    await writer.complete()
    return { file, name }
  } catch (error) {
    await writer.abort()
    throw error instanceof InvalidRecordError ? explain(error, parser) : error
  }
}

async function* textOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* textOnly(unpacked(body))
  } catch (error) {
    if (!(error instanceof InvalidRecordError)) throw error
    throw new ShopError('import_unreadable', error.message, { line: error.line, cause: error })
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function check(parser: CsvParser, pages: ReturnType<CsvParser['write']>): Promise<void> {
  for await (const page of pages) {
    if (parser.columns) requireImportColumns(parser.columns)
    for (const entry of page) {
      if (entry instanceof Unreadable) throw entry.error
      parseImportRow(entry[0])
    }
  }
  if (parser.columns) requireImportColumns(parser.columns)
}

function explain(error: InvalidRecordError, { columns }: CsvParser): ShopError {
  const code = columns === undefined ? 'import_columns_wrong' : 'import_row_broken'
  return new ShopError(code, error.message, { line: error.line, cause: error })
}
