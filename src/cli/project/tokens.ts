import jsTokens from 'js-tokens'

/** A bundle of code as its tokens, without blanks and comments. Outside of it there are empty ones. */
export class Tokens {
  readonly #all: readonly { type: string; value: string }[]
  readonly length: number

  constructor(code: string) {
    this.#all = [...jsTokens(code)].filter(
      ({ type }) => !/^WhiteSpace$|^LineTerminatorSequence$|Comment$/.test(type),
    )
    this.length = this.#all.length
  }

  at(index: number): string {
    return this.#all[index]?.value ?? ''
  }

  isName(index: number): boolean {
    return this.#all[index]?.type === 'IdentifierName'
  }

  /** What a text without anything to fill in says; undefined for all else. */
  text(index: number): string | undefined {
    const { type = '', value = '' } = this.#all[index] ?? {}
    return /^StringLiteral$|^NoSubstitutionTemplate$/.test(type) ? value.slice(1, -1) : undefined
  }

  /** The index of the bracket that closes the one at `open`. */
  closing(open: number): number {
    let depth = 0
    for (let index = open; index < this.length; index += 1) {
      depth += this.#depthAt(index)
      if (depth === 0) return index
    }
    return this.length
  }

  /** The index of the bracket that opens what is around `index`; -1 when nothing is. */
  opening(index: number): number {
    let depth = 0
    for (let before = index - 1; before >= 0; before -= 1) {
      depth += this.#depthAt(before)
      if (depth > 0) return before
    }
    return -1
  }

  /** Where the parts between two brackets begin that commas set apart. */
  parts(open: number): number[] {
    const end = this.closing(open)
    const starts: number[] = []
    for (let index = open + 1; index < end; index += 1) {
      starts.push(index)
      while (index < end && this.at(index) !== ',') {
        index = this.#depthAt(index) > 0 ? this.closing(index) + 1 : index + 1
      }
    }
    return starts
  }

  #depthAt(index: number): number {
    const { type, value } = this.#all[index] ?? {}
    if (type === 'TemplateHead') return 1
    if (type === 'TemplateTail') return -1
    if (type !== 'Punctuator') return 0
    if (/^[([{]$/.test(value ?? '')) return 1
    return /^[)\]}]$/.test(value ?? '') ? -1 : 0
  }
}
