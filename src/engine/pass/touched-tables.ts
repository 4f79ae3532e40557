import type { SetStatement } from '../job/effects.ts'

/** The tables that SQL names; what triggers, views and foreign keys reach from there is not seen. */
export interface TouchedTables {
  readonly reads: ReadonlySet<string>
  readonly writes: ReadonlySet<string>
}

/**
 * True for two set statements that may change places: both are understood, and neither writes to a table that
 * the other one names. Asked once per pair, and remembered.
 */
export function areIndependent(one: SetStatement<unknown>, other: SetStatement<unknown>): boolean {
  let known = independence.get(one)
  if (!known) independence.set(one, (known = new WeakMap()))
  let answer = known.get(other)
  if (answer === undefined) known.set(other, (answer = compare(one, other)))
  return answer
}

const independence = new WeakMap<SetStatement<unknown>, WeakMap<SetStatement<unknown>, boolean>>()

function compare(one: SetStatement<unknown>, other: SetStatement<unknown>): boolean {
  const pairs = one.sqls.flatMap((first) => other.sqls.map((second) => [first, second] as const))
  return pairs.every(([first, second]) => {
    const [a, b] = [touchedTables(first), touchedTables(second)]
    if (!a || !b) return false
    const shared = [
      [a.writes, b.writes],
      [a.writes, b.reads],
      [b.writes, a.reads],
    ] as const
    return shared.every(([some, others]) => ![...some].some((table) => others.has(table)))
  })
}

interface Token {
  /** `word` may be a keyword; `name` is quoted and can be none. */
  kind: 'word' | 'name' | 'sign'
  text: string
}

const TOKENS =
  /'((?:[^']|'')*)'|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|--[^\n]*|\/\*[^]*?(?:\*\/|$)|([\p{L}_][\p{L}\p{N}_$]*)|\S/gu

const STATEMENTS = new Set(['insert', 'replace', 'update', 'delete', 'with', 'select'])
const QUERIES = new Set(['select', 'values', 'with'])
/** The words that end the tables of a FROM. Not ON and USING: another table may follow their comma. */
const AFTER_FROM = new Set(
  'where group order having limit window set returning union intersect except select values'.split(
    ' ',
  ),
)
/** Functions that make rows of their arguments. */
const ROW_FUNCTIONS = new Set(['json_each', 'json_tree', 'generate_series'])

/**
 * Reads the tables out of SQL, rather one too many than one too few; undefined for statements of a kind
 * that is not known here.
 */
export function touchedTables(sql: string): TouchedTables | undefined {
  const tokens = tokensOf(sql)
  if (!tokens[0] || tokens[0].kind !== 'word' || !STATEMENTS.has(tokens[0].text)) return undefined
  const found = { read: new Set<string>(), write: new Set<string>() }
  /** For each open parenthesis: whether its commas lie between tables. */
  const betweenTables = [false]
  let expected: 'read' | 'write' | undefined
  for (let at = 0; at < tokens.length; at++) {
    const { kind, text } = tokens[at] as Token
    const next = tokens[at + 1]
    if (kind === 'sign') {
      if (text === '(') betweenTables.push(expected === 'read')
      else if (text === ')' && betweenTables.length > 1) betweenTables.pop()
      if (text === ',') expected = betweenTables.at(-1) ? 'read' : undefined
      else if (text !== '(') expected = undefined
      continue
    }
    if (kind === 'word' && expected && text === 'or') {
      at += 1
      continue
    }
    if (kind === 'word' && AFTER_FROM.has(text)) betweenTables[betweenTables.length - 1] = false
    const isTable = expected && !(kind === 'word' && (QUERIES.has(text) || text === 'set'))
    if (isTable && expected) {
      // main.orders: the table is the second name.
      if (next?.text === '.' && next.kind === 'sign') at += 1
      else {
        const called = next?.kind === 'sign' && next.text === '('
        if (!(called && ROW_FUNCTIONS.has(text))) found[expected].add(text)
        expected = undefined
      }
      continue
    }
    expected = undefined
    if (kind !== 'word') continue
    if (text === 'from') {
      const deleted = at > 0 && tokens[at - 1]?.text === 'delete'
      expected = deleted ? 'write' : 'read'
      betweenTables[betweenTables.length - 1] = !deleted
    } else if (text === 'join' || (text === 'in' && next?.kind !== 'sign')) expected = 'read'
    else if (text === 'into' || text === 'update') expected = 'write'
  }
  return { reads: found.read, writes: found.write }
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = []
  for (const [text, ...groups] of sql.matchAll(TOKENS)) {
    const word = groups[4]
    // SQLite takes a text in quotes of any kind for a name where only a name can be.
    const name = groups.slice(0, 4).find((group) => group !== undefined)
    if (word !== undefined) tokens.push({ kind: 'word', text: word.toLowerCase() })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name.toLowerCase() })
    else if (!text.startsWith('--') && !text.startsWith('/*')) tokens.push({ kind: 'sign', text })
  }
  return tokens
}
