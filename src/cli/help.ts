/** The end of a verb's help: what one types, each line without the `dogear` in front. */
export function examples(...typed: string[]): string {
  const lines = typed.map((line) => `  dogear ${line}`)
  return ['', lines.length === 1 ? 'Example:' : 'Examples:', ...lines].join('\n')
}
