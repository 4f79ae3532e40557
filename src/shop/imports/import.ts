import { describeValue, type Effects, InvalidRecordError, setStatement } from 'dogear'
import type { CsvRow } from 'dogear/csv'
import type { PricedLine } from '../orders/order-processor.ts'
import { ShopError } from '../shop-error.ts'

/** The columns of the UCI *Online Retail* data. A file may have more, and in any order. */
export const IMPORT_COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const
type Column = (typeof IMPORT_COLUMNS)[number]

/** A row of an import: one line of an order. */
export interface ImportLine extends PricedLine {
  readonly line: number
  readonly orderNumber: string
  readonly stockCode: string
  readonly description: string
  readonly placedAt: string
  /** null: a guest. */
  readonly customerId: number | null
  readonly region: string
}

/** Throws `import_columns_wrong` unless the header has all columns. */
export function requireImportColumns(columns: readonly string[]): void {
  const missing = IMPORT_COLUMNS.filter((column) => !columns.includes(column))
  if (missing.length === 0) return
  throw new ShopError(
    'import_columns_wrong',
    `The header lacks ${missing.join(', ')}: found ${describeValue(columns.join(', '))}; expected ${IMPORT_COLUMNS.join(', ')}`,
    { line: 1 },
  )
}

/** Reads one row. Throws `invalid_record`, which fails a run at once, naming line and column of what is wrong. */
export function parseImportRow({ line, record }: CsvRow): ImportLine {
  const field = (column: Column): string => record[column]?.trim() ?? ''
  const broken = (column: Column, expected: string): InvalidRecordError =>
    new InvalidRecordError(
      line,
      `${column} is ${describeValue(record[column])}; expected ${expected}`,
    )
  const required = (column: Column): string => {
    if (field(column) === '') throw broken(column, 'some text')
    return field(column)
  }

  const [quantity, unitPriceThousandths] = [
    parseInteger(field('Quantity')),
    parseThousandths(field('UnitPrice')),
  ]
  if (quantity === null) throw broken('Quantity', 'a whole number')
  if (unitPriceThousandths === null)
    throw broken('UnitPrice', 'a decimal number with at most three decimals')
  if (Math.abs(quantity * unitPriceThousandths) > MAX_AMOUNT_THOUSANDTHS)
    throw broken('UnitPrice', `less: ${quantity} of these are too much`)
  const placedAt = parseDate(field('InvoiceDate'))
  if (placedAt === null)
    throw broken('InvoiceDate', 'a date like 2010-12-01 08:26:00 or 12/1/2010 8:26')
  const customerId = parseCustomerId(field('CustomerID'))
  if (customerId === undefined) throw broken('CustomerID', 'a number, or nothing for a guest')
  return {
    line,
    orderNumber: required('InvoiceNo'),
    stockCode: field('StockCode'),
    description: field('Description'),
    quantity,
    unitPriceThousandths,
    placedAt,
    customerId,
    region: required('Country'),
  }
}

/** Keeps the sums over a million such lines exact. */
const MAX_AMOUNT_THOUSANDTHS = 9_000_000_000

function parseInteger(text: string): number | null {
  return /^[+-]?\d{1,9}$/.test(text) ? Number(text) : null
}

function parseThousandths(text: string): number | null {
  const match = /^([+-]?)(\d{1,9})(?:\.(\d{1,3}))?$/.exec(text)
  if (!match) return null
  const [, sign, units, decimals = ''] = match
  const thousandths = Number(`${units}${decimals.padEnd(3, '0')}`)
  return sign === '-' ? 0 - thousandths : thousandths
}

function parseCustomerId(text: string): number | null | undefined {
  if (text === '') return null
  // Spreadsheets make decimals of a column of numbers that has gaps.
  return /^\d{1,15}(\.0+)?$/.test(text) ? Number(text) : undefined
}

/** The files name no time zone: taken as UTC. */
function parseDate(text: string): string | null {
  const iso = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text)
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})$/.exec(text)
  const parts =
    iso?.slice(1) ?? (american && [american[3], american[1], american[2], american[4], american[5]])
  if (!parts) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    Number(part ?? 0),
  )
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // Date.UTC turns the 31st of June into the 1st of July.
  const exists =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60
  return exists ? date.toISOString() : null
}

/** Adds the effects that store one line, with the order, customer and region it names, where missing. */
export function storeImportLine(effects: Effects, source: string, line: ImportLine): void {
  const { orderNumber: number, customerId: customer, region } = line
  effects.add(addRegion, { region })
  if (customer !== null) effects.add(addCustomer, { customer, region })
  effects.add(addLine, {
    number,
    customer,
    region,
    placedAt: line.placedAt,
    source,
    line: line.line,
    stockCode: line.stockCode,
    description: line.description,
    quantity: line.quantity,
    price: line.unitPriceThousandths,
  })
}

const addRegion = setStatement<{ region: string }>(`
  INSERT INTO regions (name)
  SELECT DISTINCT value ->> 'region' FROM json_each(?1) WHERE true
  ON CONFLICT DO NOTHING`)

const addCustomer = setStatement<{ customer: number; region: string }>(`
  INSERT INTO customers (id, region)
  SELECT value ->> 'customer', value ->> 'region' FROM json_each(?1) WHERE true
  ON CONFLICT DO NOTHING`)

interface LineRow {
  number: string
  customer: number | null
  region: string
  placedAt: string
  source: string
  line: number
  stockCode: string
  description: string
  quantity: number
  price: number
}

// First all orders, then all lines. An order's lines may be far apart in the file: whichever comes first
// makes the order.
const addLine = setStatement<LineRow>([
  `INSERT INTO orders (number, customer_id, region, placed_at)
  SELECT value ->> 'number', value ->> 'customer', value ->> 'region', value ->> 'placedAt'
  FROM json_each(?1) WHERE true ORDER BY key
  ON CONFLICT DO NOTHING`,
  `INSERT INTO order_lines (order_id, source, line, stock_code, description, quantity, unit_price_thousandths)
  SELECT orders.id, row.value ->> 'source', row.value ->> 'line', row.value ->> 'stockCode',
    row.value ->> 'description', row.value ->> 'quantity', row.value ->> 'price'
  FROM json_each(?1) AS row CROSS JOIN orders ON orders.number = row.value ->> 'number' WHERE true
  ON CONFLICT DO NOTHING`,
])
