import { SugarHigh } from 'sugar-high/core'
import { tokenize } from 'sugar-high/lang/typescript'

/** The kinds of words that are coloured; everything else is text. */
const COLOURED = new Set(['keyword', 'string', 'class', 'property', 'comment', 'entity'])

/** The parts of a TypeScript source, each with the kind that its colour goes by. */
export function tokensOf(source: string): [kind: string | undefined, text: string][] {
  return tokenize(source, {}).map(([type, text]) => {
    const kind = SugarHigh.TokenTypes[type]
    return [kind !== undefined && COLOURED.has(kind) ? kind : undefined, text]
  })
}
