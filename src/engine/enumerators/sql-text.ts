/** Parts of a SQL text that only look like SQL, and its parameters. */
const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|\?\d*/g

/** The query without the `;` that ends it; undefined when another statement follows. */
export function oneStatement(sql: string): string | undefined {
  // Of the same length, so that places in it are places in the query.
  const text = sql.replace(TOKENS, (token) =>
    (/^(?:--|\/\*)/.test(token) ? ' ' : 'x').repeat(token.length),
  )
  const end = text.search(/;/)
  if (end < 0) return sql
  return /^[;\s]*$/.test(text.slice(end)) ? sql.slice(0, end) : undefined
}

/** The `ORDER BY` or `LIMIT` of a query's outermost level; those of a window or a subquery are its own. */
export function findOrderOrLimit(sql: string): string | undefined {
  let text = sql.replace(TOKENS, ' ')
  for (let before = ''; before !== text;) {
    before = text
    text = text.replace(/\([^()]*\)/g, ' ')
  }
  return /\border\s+by\b|\blimit\b/i.exec(text)?.[0].toUpperCase()
}

/**
 * The same query with plain `?` only, and the values in the order of their use: so it can be put into
 * a larger statement that has parameters of its own. `expected` is how many values the query takes.
 */
export function positional<Value>(
  sql: string,
  values: readonly Value[],
): { sql: string; values: Value[]; expected: number } {
  const used: Value[] = []
  let highest = 0
  const text = sql.replace(TOKENS, (token) => {
    if (!token.startsWith('?')) return token
    // SQLite's rule: a plain `?` is one more than the highest number so far.
    const number = token === '?' ? highest + 1 : Number(token.slice(1))
    highest = Math.max(highest, number)
    used.push(values[number - 1] as Value)
    return '?'
  })
  return { sql: text, values: used, expected: highest }
}

/** In backticks: a name in double quotes that no column has is a string to D1, and no error. */
export function quoteName(column: string): string {
  return `\`${column.replaceAll('`', '``')}\``
}
