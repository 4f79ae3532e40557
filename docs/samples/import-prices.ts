import { defineIteration, InvalidRecordError, setStatement, Unreadable, type Cursor } from 'dogear'
import { csv, type CsvRow } from 'dogear/csv'
import { z } from 'zod'

const setPrice = setStatement<{ name: string; cents: number }>(
  `UPDATE goods SET price_cents = row.value ->> 'cents'
   FROM json_each(?1) AS row WHERE goods.name = row.value ->> 'name'`,
)

/** Takes over a supplier's price list, as good as it comes. */
export const importPrices = defineIteration({
  name: 'import-prices',
  params: z.object({ file: z.string() }),
  unit: 'line',
  skip: { on: InvalidRecordError, maxSkips: 100 },
  buildEnumerator: ({ cursor, params, env }) =>
    csv(env.FILES, params.file, { cursor, delimiter: 'auto' }),
  eachIteration: (row, { effects }) => effects.add(setPrice, priceOf(row)),
})

function priceOf({ line, record }: CsvRow) {
  const { name = '', cents = '' } = record
  if (/^\d{1,9}$/.test(cents)) return { name, cents: Number(cents) }
  throw new InvalidRecordError(line, `cents is '${cents}'; expected a whole number`)
}

/** Records of 8 bytes each, a length and a text: one that breaks the rule does not hide the next. */
export async function* labelsOf(bytes: Uint8Array, cursor: Cursor | null) {
  for (let at = Number(cursor ?? 0); at + 8 <= bytes.length; at += 8) {
    const [length = 0, ...text] = bytes.subarray(at, at + 8)
    const label = String.fromCharCode(...text.slice(0, length))
    yield length < 8
      ? ([label, at + 8] as const)
      : new Unreadable(at + 8, new Error(`Byte ${at}: length ${length}; expected at most 7`))
  }
}
