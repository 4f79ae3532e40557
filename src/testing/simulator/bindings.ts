// Bindings by what they can do, since a Worker may call them anything.

/** `env.NAME` of any kind. */
export type BindingKind = 'd1' | 'objects' | 'r2' | 'kv' | 'queue'

const METHODS: Record<BindingKind, readonly string[]> = {
  d1: ['prepare', 'batch'],
  objects: ['getByName', 'idFromName'],
  r2: ['createMultipartUpload', 'head'],
  kv: ['getWithMetadata', 'put'],
  queue: ['sendBatch', 'send'],
}

/** Undefined for variables, and for bindings that are not simulated. */
export function kindOf(binding: unknown): BindingKind | undefined {
  if (typeof binding !== 'object' || binding === null) return undefined
  // A service binding has every method that it is asked for: those of its own Worker.
  if ('fetch' in binding) return undefined
  const kinds = Object.keys(METHODS) as BindingKind[]
  return kinds.find((kind) => METHODS[kind].every((method) => method in binding))
}

type Method = (...args: unknown[]) => unknown

/** `target` with methods that run through `call`; what is not a method stays as it is. */
export function intercepted<T extends object>(
  target: T,
  call: (name: string, work: () => unknown, args: unknown[]) => unknown,
): T {
  return new Proxy(target, {
    get: (real, property) => {
      const value: unknown = Reflect.get(real, property)
      if (typeof value !== 'function' || property === 'constructor') return value
      return (...args: unknown[]): unknown =>
        call(String(property), () => Reflect.apply(value as Method, real, args), args)
    },
  })
}
