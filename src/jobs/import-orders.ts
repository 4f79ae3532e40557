import { z } from 'zod'
import { defineJob } from '../engine/index.ts'
import { parseImportRow, storeImportLine } from '../shop/import.ts'
import { summarizeImport } from '../shop/import-summary.ts'

/** Imports an uploaded file. Nothing is written before every row of it has been read and found good. */
export const importOrders = defineJob({
  name: 'import-orders',
  params: z.strictObject({
    /** The file's key in R2. */
    file: z.string().min(1),
    /** The source of its lines: importing a file twice under one name changes nothing. */
    name: z.string().min(1).max(100),
  }),
  unit: 'line',
  async perform({ step, params: { file, name }, env, effects, enumerators }) {
    await step('validate', (step) =>
      step.iterate(
        ({ cursor }) => enumerators.csv(env.FILES, file, { cursor }),
        (row) => {
          parseImportRow(row)
        },
      ),
    )

    await step('process', (step) =>
      step.iterate(
        ({ cursor }) => enumerators.csv(env.FILES, file, { cursor }),
        (row) => storeImportLine(effects, name, parseImportRow(row)),
      ),
    )

    return step('finalize', () => summarizeImport(env.DB, name))
  },
})
