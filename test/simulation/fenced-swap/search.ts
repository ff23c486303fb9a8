import { fingerprintOf } from './fingerprint.ts';
import type { Rules } from './rules.ts';
import { stepsOf } from './steps.ts';
import type { Step } from './step.ts';
import { tidied } from './tidied.ts';
import type { Bounds, World } from './world.ts';

export interface SearchOptions {
  readonly first: World;
  readonly rules: Rules;
  readonly epochs: Bounds['epochs'];
  /** Which broken invariants end the search. Default: every one. */
  readonly isSought?: (broken: string) => boolean;
  /** Ends the search of a defect that breaks nothing. */
  readonly statesMax?: number;
}

export interface Search {
  readonly states: number;
  readonly steps: number;
  /** Longest of the shortest ways to a state. */
  readonly depth: number;
  /** What broke, with the shortest way there; undefined when nothing did. */
  readonly broken: { readonly invariant: string; readonly trace: readonly string[] } | undefined;
  /** From each state, in order: states that follow without a fault, with the index at which its list begins. */
  readonly edges: Numbers;
  readonly edgesFrom: Numbers;
  /** States that are beyond the bound on epochs, and those in which a process of the wanted colour may send. */
  readonly bounded: readonly number[];
  readonly sending: readonly number[];
}

/** A list of numbers below 2^31 that takes four bytes for each. */
export class Numbers {
  #values = new Int32Array(1_024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Int32Array(2 * this.length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.#values[index] ?? -1;
  }
}

/** Visits every state that can be reached, the nearest first. Stops at the first invariant that is broken. */
export class Exploration {
  readonly #options: SearchOptions;
  readonly #known = new Map<string, number>();
  readonly #parents = new Numbers();
  readonly #edges = new Numbers();
  readonly #edgesFrom = new Numbers();
  readonly #bounded: number[] = [];
  readonly #sending: number[] = [];
  /** Worlds of the states whose steps are not taken yet, by their number. */
  #frontier: World[] = [];
  #next: World[] = [];
  #steps = 0;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  run(): Search {
    const { first, statesMax = Number.POSITIVE_INFINITY } = this.#options;
    this.#visit(first, -1);
    let from = 0;
    let depth = 0;
    let broken: Search['broken'];
    while (this.#next.length > 0 && broken === undefined && this.#known.size < statesMax) {
      this.#frontier = this.#next;
      this.#next = [];
      broken = this.#expand(from);
      from += this.#frontier.length;
      if (this.#next.length > 0) depth += 1;
    }
    this.#edgesFrom.push(this.#edges.length);
    return {
      states: this.#known.size,
      steps: this.#steps,
      depth,
      broken,
      edges: this.#edges,
      edgesFrom: this.#edgesFrom,
      bounded: this.#bounded,
      sending: this.#sending,
    };
  }

  #expand(from: number): Search['broken'] {
    for (const [offset, world] of this.#frontier.entries()) {
      this.#edgesFrom.push(this.#edges.length);
      for (const step of stepsOf(world, this.#options.rules)) {
        const invariant = this.#take(step, from + offset);
        if (invariant !== undefined)
          return { invariant, trace: [...this.#wayTo(from + offset), step.what, `=> ${invariant}`] };
      }
    }
    return undefined;
  }

  /** Returns the invariant that the step breaks. */
  #take({ world, kind }: Step, from: number): string | undefined {
    const { isSought = () => true } = this.#options;
    this.#steps += 1;
    const broken = world.broken ?? unknownOrder(world);
    if (broken !== undefined && isSought(broken)) return broken;
    if (this.#isBeyond(world)) this.#bounded.push(from);
    else this.#follow(this.#visit(world, from), from, kind);
    return undefined;
  }

  #isBeyond({ status }: World): boolean {
    return (status.transition?.epoch ?? 0) > this.#options.epochs;
  }

  #follow(to: number, from: number, kind: Step['kind']): void {
    if (kind === 'Progress' && to !== from) this.#edges.push(to);
  }

  #visit(untidy: World, from: number): number {
    const world = tidied(untidy, this.#options.rules);
    const key = fingerprintOf(world);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const number = this.#known.size;
    this.#known.set(key, number);
    this.#parents.push(from);
    if (isSending(world)) this.#sending.push(number);
    delete (world as { broken?: string }).broken;
    this.#next.push(world);
    return number;
  }

  /** Takes the steps again that lead to a state. */
  #wayTo(number: number): readonly string[] {
    const way: number[] = [];
    for (let at = number; at >= 0; at = this.#parents.at(at)) way.unshift(at);
    let world = tidied(this.#options.first, this.#options.rules);
    return way.slice(1).map((to) => {
      for (const { what, world: untidy } of stepsOf(world, this.#options.rules)) {
        const next = tidied(untidy, this.#options.rules);
        if (this.#known.get(fingerprintOf(next)) !== to) continue;
        world = next;
        return what;
      }
      throw new Error(`no step leads to state ${to}`);
    });
  }
}

/** An order that the venue has, and that the record says was never sent. */
function unknownOrder({ orders }: World): string | undefined {
  const isUnknown = orders.some(({ row, accepted }) => accepted > 0 && row === 'NeverSent');
  return isUnknown ? 'Known: the venue has an order, and the record says that it was never sent' : undefined;
}

/** A process of the colour that is wanted sends, and holds the fence. */
function isSending(world: World): boolean {
  const { row, wanted } = world;
  const { sender } = world[wanted];
  return sender.role === 'active' && row.holder === wanted && row.epoch === sender.epoch;
}
