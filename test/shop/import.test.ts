import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { csv, type CsvRow } from '../../src/engine/enumerators/csv.ts'
import { records } from '../../src/engine/enumerators/records.ts'
import { PendingEffects } from '../../src/engine/pass/pending-effects.ts'
import { cleanShop } from '../../src/shop/data/reset.ts'
import { takeSnapshot } from '../../src/shop/data/snapshot.ts'
import { summarizeImport } from '../../src/shop/imports/import-summary.ts'
import { IMPORT_COLUMNS, parseImportRow, storeImportLine } from '../../src/shop/imports/import.ts'
import { verifyImport } from '../../src/shop/imports/verify-import.ts'
import { OrderProcessor } from '../../src/shop/orders/order-processor.ts'
import { importedOrders, sumOrder } from '../../src/shop/orders/order-sums.ts'

const db = env.DB
const HEADER = IMPORT_COLUMNS.join(',')
const FILE = [
  HEADER,
  '536365,85123A,"HOLDER, WHITE ""HEART""",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom',
  'C536379,D,Discount,-1,12/1/2010 9:41,27.505,14527,France',
  '536366,22633,HAND WARMER,6,2010-12-01 08:28:00,1.85,,Germany',
  '536365,71053,£ LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom',
].join('\n')

function row(changes: Partial<Record<(typeof IMPORT_COLUMNS)[number], string>> = {}): CsvRow {
  const record = {
    InvoiceNo: '536365',
    StockCode: '85123A',
    Description: 'HOLDER',
    Quantity: '6',
    InvoiceDate: '2010-12-01 08:26:00',
    UnitPrice: '2.55',
    CustomerID: '17850.0',
    Country: 'United Kingdom',
  }
  return { line: 7, record: { ...record, ...changes } }
}

describe('parseImportRow', () => {
  it('reads a row', () => {
    expect(parseImportRow(row())).toEqual({
      line: 7,
      orderNumber: '536365',
      stockCode: '85123A',
      description: 'HOLDER',
      quantity: 6,
      unitPriceThousandths: 2_550,
      placedAt: '2010-12-01T08:26:00.000Z',
      customerId: 17_850,
      region: 'United Kingdom',
    })
  })

  it.each([
    ['2.55', 2_550],
    ['0.001', 1],
    ['0', 0],
    ['12', 12_000],
    ['-11062.06', -11_062_060],
    ['-0.0', 0],
    ['1.1', 1_100],
  ])('reads the price %s exactly', (UnitPrice, thousandths) => {
    expect(parseImportRow(row({ UnitPrice })).unitPriceThousandths).toBe(thousandths)
  })

  it.each([
    ['', null],
    ['17850', 17_850],
    ['17850.0', 17_850],
  ])('reads the customer %j', (CustomerID, id) => {
    expect(parseImportRow(row({ CustomerID })).customerId).toBe(id)
  })

  it.each([
    ['12/1/2010 8:26', '2010-12-01T08:26:00.000Z'],
    ['2010-12-01 08:26', '2010-12-01T08:26:00.000Z'],
    ['2012-02-29T23:59:59', '2012-02-29T23:59:59.000Z'],
  ])('reads the date %s', (InvoiceDate, placedAt) => {
    expect(parseImportRow(row({ InvoiceDate })).placedAt).toBe(placedAt)
  })

  it.each([
    ['Quantity', '1.5'],
    ['Quantity', ''],
    ['Quantity', 'six'],
    ['UnitPrice', '2.5555'],
    ['UnitPrice', '2,55'],
    ['UnitPrice', '1e3'],
    ['UnitPrice', ''],
    ['UnitPrice', '999999999'],
    ['CustomerID', 'x'],
    ['CustomerID', '1.5'],
    ['InvoiceDate', '2010-02-29 00:00:00'],
    ['InvoiceDate', '2010-12-01'],
    ['InvoiceDate', '31/12/2010 8:26'],
    ['InvoiceDate', '2010-12-01 24:00:00'],
    ['InvoiceNo', ' '],
    ['Country', ''],
  ])('names line, column and value of what is wrong: %s %j', (column, value) => {
    const parse = () => parseImportRow(row({ [column]: value }))
    expect(parse).toThrow(expect.objectContaining({ code: 'invalid_record', line: 7 }))
    expect(parse).toThrow(`Line 7: ${column} is ${JSON.stringify(value)}; expected`)
  })
})

describe('an import', () => {
  beforeEach(async () => {
    await cleanShop(db, env.FILES)
  })

  /** Imports a file in commits of so many rows, as the engine would. */
  async function importFile(key: string, source: string, rowsPerCommit: number): Promise<void> {
    const pending = new PendingEffects()
    const effects = { add: pending.add.bind(pending) as never, run: () => undefined }
    const commit = () =>
      db.batch(pending.take().map(({ sql, params }) => db.prepare(sql).bind(...params)))
    let rows = 0
    for await (const [found] of csv(env.FILES, key, { cursor: null })) {
      storeImportLine(effects, source, parseImportRow(found))
      if (++rows % rowsPerCommit === 0) await commit()
    }
    if (!pending.empty) await commit()
    for await (const [{ id }] of records(db, importedOrders(source), {})) sumOrder(effects, id)
    await commit()
  }

  it.each([1, 2, 100])(
    'makes an order per invoice, a line per row, in commits of %i rows',
    async (rowsPerCommit) => {
      await env.FILES.put('file', FILE)
      await importFile('file', 'december', rowsPerCommit)
      expect(await takeSnapshot(db)).toMatchObject({
        customers: 2,
        regions: 3,
        lines: 4,
        orders: { total: 3, pending: 3, guest: 1 },
      })
      expect(await summarizeImport(db, 'december')).toEqual({
        lines: 4,
        orders: 3,
        guestOrders: 1,
        customers: 2,
        regions: 3,
        amountCents: 1_923,
      })
      const { results } = await db
        .prepare('SELECT id, number, customer_id, region, placed_at FROM orders')
        .all()
      expect(results).toEqual([
        {
          id: 1,
          number: '536365',
          customer_id: 17_850,
          region: 'United Kingdom',
          placed_at: '2010-12-01T08:26:00.000Z',
        },
        {
          id: 2,
          number: 'C536379',
          customer_id: 14_527,
          region: 'France',
          placed_at: '2010-12-01T09:41:00.000Z',
        },
        {
          id: 3,
          number: '536366',
          customer_id: null,
          region: 'Germany',
          placed_at: '2010-12-01T08:28:00.000Z',
        },
      ])
      const lines = await db
        .prepare(
          `SELECT line, description, quantity, unit_price_thousandths AS price FROM order_lines WHERE order_id = 1`,
        )
        .all()
      expect(lines.results).toEqual([
        { line: 2, description: 'HOLDER, WHITE "HEART"', quantity: 6, price: 2_550 },
        { line: 5, description: '£ LANTERN', quantity: 6, price: 3_390 },
      ])
    },
  )

  it('sums each order as the order processor does, over all its lines, whatever file they are from', async () => {
    const more = `${HEADER}\n536365,X,one cent and a half,1,2010-12-01 08:26:00,0.015,17850,France`
    await env.FILES.put('file', FILE)
    await env.FILES.put('more', more)
    await importFile('file', 'december', 2)
    await importFile('more', 'january', 2)
    const { results } = await db.prepare('SELECT * FROM order_sums ORDER BY order_id').all()
    const cents = (quantity: number, unitPriceThousandths: number) =>
      OrderProcessor.amountCents({ quantity, unitPriceThousandths })
    const first = cents(6, 2_550) + cents(6, 3_390) + cents(1, 15)
    expect(first).toBe(3_566)
    expect(results).toEqual([
      { order_id: 1, lines: 3, units: 13, amount_cents: first },
      { order_id: 2, lines: 1, units: -1, amount_cents: cents(-1, 27_505) },
      { order_id: 3, lines: 1, units: 6, amount_cents: cents(6, 1_850) },
    ])
    await cleanShop(db, env.FILES)
    expect(await db.prepare('SELECT count(*) AS n FROM order_sums').first('n')).toBe(0)
  })

  it('changes nothing the second time', async () => {
    await env.FILES.put('file', FILE)
    await importFile('file', 'december', 2)
    const before = await db.prepare('SELECT * FROM orders JOIN order_lines ON order_id = id').all()
    await importFile('file', 'december', 3)
    const after = await db.prepare('SELECT * FROM orders JOIN order_lines ON order_id = id').all()
    expect(after.results).toEqual(before.results)
  })

  it('is verified against its file', async () => {
    await env.FILES.put('file', FILE)
    await importFile('file', 'december', 2)
    const verify = async () =>
      (await verifyImport({ env, params: { file: 'file', name: 'december' } })).map(({ ok }) => ok)
    expect(await verify()).toEqual([true, true, true, true, true, true])
    await db.prepare('UPDATE order_lines SET quantity = quantity + 1 WHERE line = 3').run()
    expect(await verify()).toEqual([true, true, true, false, false, false])
    await db.prepare('DELETE FROM order_lines WHERE line = 3').run()
    expect(await verify()).toEqual([true, false, false, false, false, false])
    await env.FILES.delete('file')
    expect(await verify()).toContain(false)
  })
})
