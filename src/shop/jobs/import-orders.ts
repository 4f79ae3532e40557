import { z } from 'zod'
import { type Cursor, defineJob, type FilePosition, type Step } from 'dogear'
import { csv, csvBatches } from 'dogear/csv'
import { parseImportRow, storeImportLine } from '../imports/import.ts'
import { summarizeImport } from '../imports/import-summary.ts'
import { importedOrders, sumOrder } from '../orders/order-sums.ts'
import { verifyImport } from '../imports/verify-import.ts'

/** Imports an uploaded file. Nothing is written before every row of it has been read and found good. */
export const importOrders = defineJob({
  name: 'import-orders',
  description: 'Reads orders from an uploaded CSV file, line by line.',
  params: z.strictObject({
    /** The file's key in R2. */
    file: z.string().min(1),
    /** The source of its lines: importing a file twice under one name changes nothing. */
    name: z.string().min(1).max(100),
  }),
  attributes: z.object({ lines: z.number().int().default(0) }),
  unit: 'line',
  async perform({ step, params, attributes, env, effects, run, enumerators, expectTotal }) {
    const { file, name } = params

    // The progress is that of `process`; the other passes are over the same lines.
    const checked = await step('validate', { counts: false }, async (step) => {
      run.log('reads the file before anything is written', { file })
      await step.iterate(
        ({ cursor }) => csvBatches(env.FILES, file, { cursor, batchSize: 500 }),
        (rows) => {
          for (const row of rows) parseImportRow(row)
          attributes.lines += rows.length
        },
      )
      run.log('every line is sound', { lines: attributes.lines })
      return versionOf(step.cursor)
    })
    expectTotal(attributes.lines)

    await step('process', (step) =>
      step.iterate(
        ({ cursor }) => csv(env.FILES, file, { ...checked, cursor }),
        (row) => storeImportLine(effects, name, parseImportRow(row)),
      ),
    )

    /** An order's lines may be far apart in the file: what they add up to is known once all are stored. */
    async function reprocess(step: Step) {
      const orders = enumerators.records(env.DB, importedOrders(name), { from: step.cursor })
      for await (const [order] of orders) {
        sumOrder(effects, order.id)
        await step.advance({ from: order.id })
      }
    }
    await step(reprocess, { counts: false })

    return step('finalize', () => summarizeImport(env.DB, name))
  },
  verify: verifyImport,
})

/** The version of the file that was walked: what is stored is what was checked. */
function versionOf(cursor: Cursor): { etag?: string } {
  const { etag } = (cursor ?? {}) as Partial<FilePosition>
  return etag === undefined ? {} : { etag }
}
