import { Numbers, type Search } from './search.ts';

/**
 * Returns the states from which no sequence of steps without a fault leads to a process of the wanted colour that
 * sends. States that only lead beyond the bound on epochs are not judged; `unjudged` counts them.
 */
export function stuckStates({ states, edges, edgesFrom, bounded, sending }: Search): {
  readonly stuck: readonly number[];
  readonly unjudged: number;
} {
  const backwards = reversed({ states, edges, edgesFrom });
  const ending = reachedFrom(sending, backwards, states);
  const leaving = reachedFrom(bounded, backwards, states);
  const stuck: number[] = [];
  let unjudged = 0;
  for (let state = 0; state < states; state += 1) {
    if (ending[state] === 1) continue;
    if (leaving[state] === 1) unjudged += 1;
    else stuck.push(state);
  }
  return { stuck, unjudged };
}

type Graph = Pick<Search, 'states' | 'edges' | 'edgesFrom'>;

interface Backwards {
  readonly from: Int32Array;
  readonly edges: Int32Array;
}

function reversed({ states, edges, edgesFrom }: Graph): Backwards {
  const from = new Int32Array(states + 2);
  for (let index = 0; index < edges.length; index += 1) bump(from, edges.at(index) + 2);
  for (let state = 2; state < from.length; state += 1) from[state] = (from[state] ?? 0) + (from[state - 1] ?? 0);
  const sources = new Int32Array(edges.length);
  for (let state = 0; state < states; state += 1) {
    for (let index = edgesFrom.at(state); index < edgesFrom.at(state + 1); index += 1)
      sources[bump(from, edges.at(index) + 1)] = state;
  }
  return { from, edges: sources };
}

/** Adds one, and returns what was there. */
function bump(values: Int32Array, index: number): number {
  const value = values[index] ?? 0;
  values[index] = value + 1;
  return value;
}

function reachedFrom(goals: readonly number[], { from, edges }: Backwards, states: number): Uint8Array {
  const reached = new Uint8Array(states);
  const queue = new Numbers();
  const reach = (state: number): void => {
    if (reached[state] === 1) return;
    reached[state] = 1;
    queue.push(state);
  };
  goals.forEach(reach);
  for (let at = 0; at < queue.length; at += 1) {
    const state = queue.at(at);
    for (let index = from[state] ?? 0; index < (from[state + 1] ?? 0); index += 1) reach(edges[index] ?? -1);
  }
  return reached;
}
