import { check, type Check, DogearError, type VerifyContext } from 'dogear'
import { csv } from 'dogear/csv'
import { verifyOrderSums } from '../orders/order-sums.ts'
import { parseImportRow } from './import.ts'
import type { Upload } from './upload.ts'

/**
 * Checks an import against its file, which is read once more. Holds the file's invoice numbers in
 * memory, so it is for files of up to some hundred thousand invoices.
 */
export async function verifyImport({
  env,
  params: upload,
}: Pick<VerifyContext<Upload>, 'env' | 'params'>): Promise<Check[]> {
  const expected = await countFile(env.FILES, upload.file)
  const actual = await env.DB.prepare(
    `SELECT count(*) AS lines, count(DISTINCT order_id) AS orders, coalesce(sum(quantity), 0) AS quantity,
        coalesce(sum(quantity * unit_price_thousandths), 0) AS value
      FROM order_lines WHERE source = ?`,
  )
    .bind(upload.name)
    .first<{ lines: number; orders: number; quantity: number; value: number }>()
  return [
    check('No row of the file unreadable', 0, expected.unreadable),
    check('Each line of the file stored exactly once', expected.lines, actual?.lines ?? 0),
    check('All orders of the file stored', expected.numbers.size, actual?.orders ?? 0),
    check('Quantities add up to those of the file', expected.quantity, actual?.quantity ?? 0),
    check(
      'Amounts, in thousandths, add up to those of the file',
      expected.value,
      actual?.value ?? 0,
    ),
    await verifyOrderSums(env.DB, upload.name, expected.numbers.size),
  ]
}

async function countFile(files: R2Bucket, file: string) {
  const counts = { unreadable: 0, lines: 0, quantity: 0, value: 0, numbers: new Set<string>() }
  try {
    for await (const [row] of csv(files, file, { cursor: null })) {
      const { orderNumber, quantity, unitPriceThousandths } = parseImportRow(row)
      counts.numbers.add(orderNumber)
      counts.lines += 1
      counts.quantity += quantity
      counts.value += quantity * unitPriceThousandths
    }
  } catch (error) {
    // A broken row, or no file any more: a failed check, and no failure to check.
    if (!(error instanceof DogearError)) throw error
    counts.unreadable = 1
  }
  return counts
}
