import type { ImportDeclaration, Node, Pattern, Program } from 'acorn'

/** The call of `createDogear` in a Worker's code. */
export interface DogearCall {
  /**
   * Its options: the text of those that are written down as one, of others only that they are there. Undefined
   * when they are not written down at the call.
   */
  options: Record<string, string | true> | undefined
  /** The members that the code uses of what the call gives back: `wrap`, `queue`, `JobRun` and so on. */
  used: ReadonlySet<string>
  /** What it gives back goes elsewhere whole, an export by default included: all of it may be used. */
  isHandedOn: boolean
}

/** Finds it in a bundle of the host's own code. Undefined when there is none. */
export function findDogear(program: Program): DogearCall | undefined {
  const creators = importedCreators(program)
  let found: { options: DogearCall['options']; holder: Node | undefined } | undefined
  walk(program, (node, parent) => {
    if (isCallOf(node, creators)) found = { options: optionsOf(node.arguments[0]), holder: parent }
  })
  if (found === undefined) return undefined
  const { options, holder } = found
  const pattern = holder?.type === 'VariableDeclarator' ? (holder as Declarator).id : undefined
  const used = new Set(pattern === undefined ? [] : memberNames(pattern))
  let isHandedOn = pattern === undefined
  const instance = pattern?.type === 'Identifier' ? pattern.name : undefined
  walk(program, (node, parent) => {
    if (parent === undefined || !isNamed(node, instance) || parent === holder) return
    const use = useOf(node, parent)
    if (use === 'whole') isHandedOn = true
    else for (const name of use) used.add(name)
  })
  return { options, used, isHandedOn }
}

interface Call extends Node {
  callee: Node
  arguments: Node[]
}
interface Declarator extends Node {
  id: Pattern
  init: Node | null
}
interface Member extends Node {
  object: Node
  property: Node & { name?: string; value?: unknown }
}
interface Property extends Node {
  key: Node & { name?: string; value?: unknown }
  value: Node & { value?: unknown }
}

function isNamed(node: Node, name: string | undefined): boolean {
  return node.type === 'Identifier' && (node as Node & { name: string }).name === name
}

function isCallOf(node: Node, names: readonly string[]): node is Call {
  return (
    node.type === 'CallExpression' && names.some((name) => isNamed((node as Call).callee, name))
  )
}

/** What the bundle calls `createDogear`. */
function importedCreators({ body }: Program): string[] {
  const imports = body.filter((one): one is ImportDeclaration => one.type === 'ImportDeclaration')
  return imports
    .filter(({ source }) => /^dogear\/(worker|headless)$/.test(String(source.value)))
    .flatMap(({ specifiers }) =>
      specifiers.flatMap((one) =>
        one.type === 'ImportSpecifier' && isNamed(one.imported, 'createDogear')
          ? [one.local.name]
          : [],
      ),
    )
}

function optionsOf(argument: Node | undefined): DogearCall['options'] {
  if (argument?.type !== 'ObjectExpression') return undefined
  const { properties } = argument as Node & { properties: Node[] }
  if (properties.some(({ type }) => type !== 'Property')) return undefined
  return Object.fromEntries(
    (properties as Property[]).flatMap(({ key, value }) => {
      const text = typeof value.value === 'string' ? value.value : (true as const)
      const name = key.name ?? key.value
      return typeof name === 'string' ? [[name, text] as const] : []
    }),
  )
}

/** Which members are used where the instance's name stands, or that it is used whole. */
function useOf(node: Node, parent: Node): readonly string[] | 'whole' {
  if (parent.type === 'MemberExpression') {
    const { object, property } = parent as Member
    if (object !== node) return []
    return typeof (property.name ?? property.value) === 'string'
      ? [String(property.name ?? property.value)]
      : 'whole'
  }
  if (parent.type === 'VariableDeclarator') {
    const { id } = parent as Declarator
    return id.type === 'ObjectPattern' ? memberNames(id) : 'whole'
  }
  if (parent.type === 'ExportSpecifier') {
    return isNamed((parent as Node & { exported: Node }).exported, 'default') ? 'whole' : []
  }
  // The name of something else's member is none of ours.
  return parent.type === 'Property' && (parent as Property).value !== node ? [] : 'whole'
}

function memberNames(pattern: Pattern): string[] {
  if (pattern.type !== 'ObjectPattern') return []
  return pattern.properties.flatMap((one) =>
    one.type === 'Property' && one.key.type === 'Identifier' ? [one.key.name] : [],
  )
}

/** Each node of the tree, with the one around it. */
function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node) {
  visit(node, parent)
  for (const child of Object.values(node).flat() as unknown[]) {
    if (isNode(child)) walk(child, visit, node)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}
