/** D1 with every batch some way off, so that a run of few items lasts long enough to be met in its middle. */
export function distantDatabase(db: D1Database, awayMs: number): D1Database {
  return new Proxy(db, {
    get(target, property) {
      if (property === 'batch') {
        return async <T>(statements: D1PreparedStatement[]) => {
          await scheduler.wait(awayMs)
          return target.batch<T>(statements)
        }
      }
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
