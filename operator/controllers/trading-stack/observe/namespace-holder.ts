import { FINALIZER } from '../../../api/v1alpha1/labels.ts';

/** Metadata that decides which stack of a namespace owns it. */
export interface Claimant {
  readonly name: string;
  readonly uid: string;
  /** RFC 3339, in whole seconds as the API server stores it. */
  readonly creationTimestamp?: string | undefined;
  readonly finalizers?: readonly string[] | undefined;
}

/**
 * Returns the stack that owns the namespace: the one that already has the finalizer of the operator, else the oldest;
 * of two stacks created in the same second, the one with the lower UID. A new stack never displaces a running one that
 * was created in the same second.
 */
export function namespaceHolder<T extends Claimant>(claimants: readonly T[]): T | undefined {
  const [first] = claimants.toSorted((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));
  return first;
}

function rankOf({ uid, creationTimestamp = '', finalizers = [] }: Claimant): string {
  return `${finalizers.includes(FINALIZER) ? '0' : '1'} ${creationTimestamp} ${uid}`;
}
