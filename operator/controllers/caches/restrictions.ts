import { restrictionOf } from '../../api/v1alpha1/trading-stack/switches.ts';
import type { TradingStackObject } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import type { ObjectCache } from '../../kube/cache/object-cache.ts';
import { parseKey } from '../../kube/client/resource.ts';

/** Remembers which trading state each stack asked for last. */
export interface Restrictions {
  /** Returns whether the stack now asks for a more restrictive state than at the last call. */
  grew(key: string): boolean;
}

/** Bound: one number for each stack. */
export function createRestrictions(stacks: Pick<ObjectCache<TradingStackObject>, 'get'>): Restrictions {
  const last = new Map<string, number>();
  return {
    grew: (key) => {
      const { namespace = '', name } = parseKey(key);
      const before = last.get(key) ?? 0;
      const stack = stacks.get(namespace, name);
      last.delete(key);
      if (stack === undefined) return false;
      const wanted = restrictionOf(stack.spec, stack.metadata.annotations);
      last.set(key, wanted);
      return wanted > before;
    },
  };
}
