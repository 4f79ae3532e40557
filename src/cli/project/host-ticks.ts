import type { Tokens } from './tokens.ts'

/** What a Worker's code does with its cron triggers. */
export interface HostTicks {
  /** Something in it is called `scheduled`: a handler of the host's own. */
  hasScheduled: boolean
  /** The texts that it compares with, or has cases for. */
  compared: readonly string[]
}

export function hostTicks(tokens: Tokens): HostTicks {
  const indexes = Array.from({ length: tokens.length }, (_, index) => index)
  return {
    hasScheduled: indexes.some((index) => isHandler(tokens, index)),
    compared: indexes.flatMap((index) => {
      const around = [tokens.at(index - 1), tokens.at(index + 1)]
      const text = around.some((one) => /^(?:[!=]==?|case)$/.test(one))
        ? tokens.text(index)
        : undefined
      return text === undefined ? [] : [text]
    }),
  }
}

/** Whether a method, or a member with a function, is called `scheduled` there. */
function isHandler(tokens: Tokens, index: number): boolean {
  if (!tokens.isName(index) || tokens.at(index) !== 'scheduled') return false
  if (/^\??\.$/.test(tokens.at(index - 1))) return false
  const after = tokens.at(index + 1)
  if (after === '(') return tokens.at(tokens.closing(index + 1) + 1) === '{'
  if (after === ':') return tokens.isName(index + 2) || tokens.at(index + 2) === '('
  return /^[,}]$/.test(after) && tokens.at(tokens.opening(index)) === '{'
}
