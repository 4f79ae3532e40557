/**
 * The name of the Durable Object that drives a lane. Lane 0 is the run's own: it knows the run, the others know
 * their lanes.
 */
export function laneObject(run: string, lane: number): string {
  return lane === 0 ? run : `${run}.${lane}`
}
