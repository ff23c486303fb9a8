import type { Rules } from './rules.ts';
import type { World } from './world.ts';

/**
 * What may happen next. Progress: it happens in the end. Faults are bounded in number, and need not happen. A change is
 * what people want.
 */
export interface Step {
  readonly what: string;
  readonly world: World;
  readonly kind: 'Progress' | 'Fault' | 'Change';
}

/** Returns what one actor may do next. */
export type Actor = (world: World, rules: Rules) => readonly Step[];

export function step(what: string, world: World): Step {
  return { what, world, kind: 'Progress' };
}

export function fault(what: string, world: World): Step {
  return { what, world, kind: 'Fault' };
}

export function change(what: string, world: World): Step {
  return { what, world, kind: 'Change' };
}
