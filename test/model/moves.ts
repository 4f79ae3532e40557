/** What may happen next. */
export interface Move<World> {
  name: string
  /** The world misbehaves; there is only so much of that. */
  fault: boolean
  world: World
}

/** Gathers the moves of one state. Each changes a copy of it. */
export class Moves<World extends { faultsLeft: number }, Size, Guard> {
  readonly list: Move<World>[] = []
  readonly world: World
  readonly size: Size
  readonly without: ReadonlySet<Guard>
  readonly #copyOf: (world: World) => World

  constructor(
    world: World,
    copyOf: (world: World) => World,
    size: Size,
    without: ReadonlySet<Guard>,
  ) {
    this.world = world
    this.#copyOf = copyOf
    this.size = size
    this.without = without
  }

  /** Ours, or the world as it should be. Nothing forces it: any delay is possible. `change` answers false when it cannot happen after all. */
  free(name: string, change: (world: World) => unknown): void {
    this.#add(name, false, change)
  }

  fault(name: string, change: (world: World) => unknown): void {
    if (this.world.faultsLeft > 0) this.#add(`! ${name}`, true, change)
  }

  #add(name: string, fault: boolean, change: (world: World) => unknown): void {
    const world = this.#copyOf(this.world)
    if (fault) world.faultsLeft -= 1
    if (change(world) !== false) this.list.push({ name, fault, world })
  }
}
