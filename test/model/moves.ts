import { copyOf, type Configuration, type Without, type World } from './world.ts'

/** What may happen next. */
export interface Move {
  name: string
  /** The world misbehaves; there is only so much of that. */
  fault: boolean
  world: World
}

/** A change of the world; false when it cannot happen after all. */
type Change = (world: World) => unknown

/** Gathers the moves of one state. Each changes a copy of it. */
export class Moves {
  readonly list: Move[] = []
  readonly world: World
  readonly size: Configuration
  readonly without: Without

  constructor(world: World, size: Configuration, without: Without) {
    this.world = world
    this.size = size
    this.without = without
  }

  /** Ours, or the world as it should be. Nothing forces it: any delay is possible. */
  free(name: string, change: Change): void {
    this.#add(name, false, change)
  }

  fault(name: string, change: Change): void {
    if (this.world.faultsLeft > 0) this.#add(`! ${name}`, true, change)
  }

  #add(name: string, fault: boolean, change: Change): void {
    const world = copyOf(this.world)
    if (fault) world.faultsLeft -= 1
    if (change(world) !== false) this.list.push({ name, fault, world })
  }
}
