import { classNameFor, hasClass } from '../wiring.ts'
import type { WorkerConfig } from '../worker-config.ts'
import { fine, type Finding, wrong } from './check.ts'
import type { Expected } from './expected.ts'

/** The binding of the runs' objects, in this Worker. */
export function checkObjects(config: WorkerConfig, expected: Expected): Finding | undefined {
  const { runs } = expected
  if (runs === undefined) return undefined
  const bindings = config.durable_objects?.bindings ?? []
  const own = bindings.find(({ name }) => name === runs)
  if (own?.script_name !== undefined) {
    return wrong(
      `${runs} is a class of the Worker ${own.script_name}`,
      `remove script_name from the binding ${runs}`,
    )
  }
  if (own) return fine(`${runs}, class ${own.class_name}`)
  const others = bindings.map(({ name }) => name).join(', ')
  return wrong(
    `durable_objects has no binding ${runs}; there is ${others || 'none'}`,
    `add { "name": "${runs}", "class_name": "${classNameFor(config, runs, expected.className)}" } to durable_objects.bindings, or type: npx dogear init`,
  )
}

/** The class that the entry must export; undefined while no binding says which. */
export function classOf(
  { durable_objects: objects }: WorkerConfig,
  { runs }: Expected,
): string | undefined {
  return objects?.bindings?.find(({ name }) => name === runs)?.class_name
}

/** A migration makes the class, as one with SQLite. */
export function checkClass(config: WorkerConfig, expected: Expected): Finding | undefined {
  const name = classOf(config, expected)
  if (name === undefined) return undefined
  const plain = config.migrations?.find(({ new_classes: classes }) => classes?.includes(name))
  if (plain) {
    return wrong(
      `migration ${plain.tag} makes ${name} by new_classes, without SQLite`,
      `write new_sqlite_classes there, if it was never deployed; else delete the class by a new tag and make it by another`,
    )
  }
  if (config.exports?.[name]?.storage === 'legacy-kv') {
    return wrong(`exports.${name} has the storage legacy-kv`, `"storage": "sqlite"`)
  }
  if (hasClass(config, name)) return fine(`${name}, with SQLite`)
  return wrong(
    `no migration makes the class ${name}`,
    `add a tag with "new_sqlite_classes": ["${name}"] to migrations, or type: npx dogear init`,
  )
}
