import { firstJob } from './first-job.ts'
import { Tokens } from './tokens.ts'

/** The call of `createDogear` in a Worker's code. */
export interface DogearCall {
  /**
   * Its options: the text of those that are written down as one, of others only that they are there. Undefined
   * when they are not written down at the call.
   */
  options: Record<string, string | true> | undefined
  /** The members that the code uses of what the call gives back: `wrap`, `queue`, `JobRun` and so on. */
  used: ReadonlySet<string>
  /** The name of the first of its jobs, where that is to be seen. */
  firstJob: string | undefined
  /** It is that of `dogear/headless`, which has neither API nor page. */
  isHeadless: boolean
  /** What it gives back goes elsewhere whole, an export by default included: all of it may be used. */
  isHandedOn: boolean
}

/** Finds it in a bundle of the host's own code, as esbuild writes one. Undefined when there is none. */
export function findDogear(code: string): DogearCall | undefined {
  const tokens = new Tokens(code)
  const creators = importedCreators(tokens)
  const call = indexes(tokens).findLast(
    (index) =>
      creators.has(tokens.at(index)) &&
      tokens.at(index + 1) === '(' &&
      !/^\??\.$/.test(tokens.at(index - 1)),
  )
  if (call === undefined) return undefined
  const made = {
    options: optionsOf(tokens, call + 2),
    firstJob: firstJob(tokens, call + 2),
    isHeadless: creators.get(tokens.at(call)) === 'dogear/headless',
  }
  const whole = { ...made, used: new Set<string>(), isHandedOn: true }
  if (!isWhole(tokens, tokens.closing(call + 1) + 1) || tokens.at(call - 1) !== '=') return whole
  const holder = call - 2
  if (tokens.at(holder) === '}') {
    return { ...whole, used: new Set(membersOf(tokens, holder)), isHandedOn: false }
  }
  if (!tokens.isName(holder) || !/^(var|let|const|,)$/.test(tokens.at(holder - 1))) return whole
  const uses = indexes(tokens)
    .filter((index) => tokens.at(index) === tokens.at(holder) && index !== holder)
    .map((index) => useOf(tokens, index))
  return {
    ...made,
    used: new Set(uses.filter((use) => use !== 'whole').flat()),
    isHandedOn: uses.includes('whole'),
  }
}

/** Where names stand. */
function indexes(tokens: Tokens): number[] {
  return Array.from({ length: tokens.length }, (_, index) => index).filter((index) =>
    tokens.isName(index),
  )
}

/** Whether nothing is done to what ends here but to keep it. */
const isWhole = (tokens: Tokens, index: number) => /^[;,]?$/.test(tokens.at(index))

/** What the bundle calls `createDogear`, and which module it is of. */
function importedCreators(tokens: Tokens): ReadonlyMap<string, string> {
  const names = indexes(tokens).flatMap((index) => {
    if (tokens.at(index) !== 'import' || tokens.at(index + 1) !== '{') return []
    const source = tokens.text(tokens.closing(index + 1) + 2) ?? ''
    if (!/^dogear\/(worker|headless)$/.test(source)) return []
    return tokens
      .parts(index + 1)
      .filter((part) => tokens.at(part) === 'createDogear')
      .map((part) => [tokens.at(tokens.at(part + 1) === 'as' ? part + 2 : part), source] as const)
  })
  return new Map(names)
}

function optionsOf(tokens: Tokens, at: number): DogearCall['options'] {
  if (tokens.at(at) !== '{') return undefined
  const parts = tokens.parts(at)
  if (parts.some((part) => tokens.at(part) === '...')) return undefined
  return Object.fromEntries(
    parts.flatMap((part) => {
      const name = tokens.isName(part) ? tokens.at(part) : tokens.text(part)
      if (name === undefined) return []
      const text = tokens.at(part + 1) === ':' ? tokens.text(part + 2) : undefined
      const isAll = /^[,}]$/.test(tokens.at(part + 3))
      return [[name, text !== undefined && isAll ? text : (true as const)] as const]
    }),
  )
}

/** Which members are used where the instance's name stands, or that it is used whole. */
function useOf(tokens: Tokens, index: number): readonly string[] | 'whole' {
  const [before, after] = [tokens.at(index - 1), tokens.at(index + 1)]
  // The name of something else's member is none of ours.
  if (/^\??\.$/.test(before)) return []
  if (/^[{,]$/.test(before) && after === ':') return []
  if (/^\??\.$/.test(after) && tokens.isName(index + 2)) return [tokens.at(index + 2)]
  if (after === '[' && tokens.at(index + 3) === ']') {
    const member = tokens.text(index + 2)
    return member === undefined ? 'whole' : [member]
  }
  if (before === '=' && tokens.at(index - 2) === '}' && isWhole(tokens, index + 1)) {
    return membersOf(tokens, index - 2)
  }
  if (tokens.at(tokens.opening(index) - 1) === 'export') {
    return after === 'as' && tokens.at(index + 2) === 'default' ? 'whole' : []
  }
  return 'whole'
}

/** The members that a pattern takes, by its closing brace. */
function membersOf(tokens: Tokens, closing: number): string[] {
  return tokens
    .parts(tokens.opening(closing))
    .filter((part) => tokens.isName(part))
    .map((part) => tokens.at(part))
}
