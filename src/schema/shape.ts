import type { SchemaVersion } from './versions.ts'

/** Text, names in quotes, comments, and the room between words. */
const TOKEN = /'(?:[^']|'')*'|"(\w+)"|--[^\n]*|\s+/g

/** A statement that makes a table, an index or a trigger, whatever its layout: two that make the same are equal. */
export function shapeOf(sql: string): string {
  return sql
    .replaceAll(TOKEN, (token: string, name?: string) => {
      if (name !== undefined) return name
      return token.startsWith("'") ? token : ' '
    })
    .replaceAll(/\s*([(),;])\s*/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** The tables, indexes and triggers that a version makes: their shapes by their names. */
export function shapesOf({ statements }: SchemaVersion): Map<string, string> {
  return new Map(
    statements.flatMap((sql) => {
      const [, name] = /^CREATE (?:UNIQUE )?(?:TABLE|INDEX|TRIGGER) (\w+)/.exec(sql) ?? []
      return name === undefined ? [] : [[name, shapeOf(sql)] as const]
    }),
  )
}
