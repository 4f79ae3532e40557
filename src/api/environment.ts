/** Variables that say which of several deployments of a Worker this is. */
export interface EnvironmentVariables {
  /** Its name, at the head of the page: `production`, `staging`. */
  DOGEAR_ENVIRONMENT?: string
  /** Its colour there, one of `ENVIRONMENT_COLOURS`. */
  DOGEAR_ENVIRONMENT_COLOR?: string
}

/** The colours that an environment can have; each can be read on the page, light and dark. */
export const ENVIRONMENT_COLOURS = ['red', 'amber', 'green', 'blue', 'violet', 'grey'] as const

type Colour = (typeof ENVIRONMENT_COLOURS)[number]

export interface Environment {
  name: string
  color: Colour
}

/** Where a mistake costs most it is seen first. */
const BY_NAME: readonly [RegExp, Colour][] = [
  [/^prod/i, 'red'],
  [/^(stag|test|preview|qa)/i, 'amber'],
  [/^(dev|local)/i, 'green'],
]

/** The environment that the Worker's variables name; undefined when they name none. */
export function environmentOf(env: object): Environment | undefined {
  const { DOGEAR_ENVIRONMENT: name = '', DOGEAR_ENVIRONMENT_COLOR: color }: EnvironmentVariables =
    env
  if (name.trim() === '') return undefined
  const known = ENVIRONMENT_COLOURS.find((one) => one === color)
  const usual = BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? 'blue'
  return { name: name.trim().slice(0, 40), color: known ?? usual }
}
