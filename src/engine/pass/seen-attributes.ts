import { DogearError } from '../errors.ts'

/** The values behind what user code sees. */
interface Attributes {
  readonly current: Readonly<Record<string, unknown>>
  assign(key: string | symbol, value: unknown): true
  remove(key: string | symbol): true
}

/**
 * Attributes as user code sees them: they behave as a plain object that holds the values, and what
 * cannot be obeyed is refused, never ignored. `mayChange` is asked before each change; it throws, or is
 * false for what is to be dropped silently.
 */
export function seenAttributes(attributes: Attributes, mayChange: () => boolean): object {
  const seen = new SeenAttributes(attributes, mayChange)
  seen.proxy = new Proxy({}, seen)
  return seen.proxy
}

/** A class and not closures: each attempt at an item has one of these. */
class SeenAttributes implements ProxyHandler<object> {
  readonly #attributes: Attributes
  readonly #mayChange: () => boolean
  proxy: object | undefined

  constructor(attributes: Attributes, mayChange: () => boolean) {
    this.#attributes = attributes
    this.#mayChange = mayChange
  }

  get(_target: object, key: string | symbol): unknown {
    return this.#attributes.current[key as string]
  }

  has(_target: object, key: string | symbol): boolean {
    return key in this.#attributes.current
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.#attributes.current)
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    const { current } = this.#attributes
    if (!Object.hasOwn(current, key)) return undefined
    return { value: current[key as string], enumerable: true, configurable: true, writable: true }
  }

  set(_target: object, key: string | symbol, value: unknown, receiver: unknown): boolean {
    if (receiver !== this.proxy) throw refused('be assigned through an object that inherits them')
    return !this.#mayChange() || this.#attributes.assign(key, value)
  }

  deleteProperty(_target: object, key: string | symbol): boolean {
    return !this.#mayChange() || this.#attributes.remove(key)
  }

  defineProperty(_target: object, key: string | symbol): never {
    throw refused(`have '${String(key)}' defined; assign it instead`)
  }

  setPrototypeOf(_target: object, prototype: object | null): true {
    if (prototype === Object.prototype) return true
    throw refused('have another prototype')
  }

  preventExtensions(): never {
    throw refused('be frozen, sealed or closed: their schema says what they are')
  }
}

/** The attributes of a job that declares none. */
export const NO_ATTRIBUTES = seenAttributes(
  {
    current: Object.freeze({}),
    assign: (key) => {
      throw refused(`have '${String(key)}': the job declares none`)
    },
    remove: () => true,
  },
  () => true,
)

export function refused(what: string): DogearError {
  return invalid(`Attributes cannot ${what}`)
}

export function invalid(problem: string, options?: ErrorOptions): DogearError {
  return new DogearError('invalid_attribute', problem, options)
}
