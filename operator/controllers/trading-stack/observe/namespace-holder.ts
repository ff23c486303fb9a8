import { FINALIZER } from '../../../api/v1alpha1/labels.ts';

/** What decides between the stacks of a namespace. */
export interface Claimant {
  readonly name: string;
  readonly uid: string;
  /** To the second, as the API server keeps it. */
  readonly creationTimestamp?: string | undefined;
  readonly finalizers?: readonly string[] | undefined;
}

/**
 * The one stack that has the namespace: the one that was taken up already, as its finalizer shows, else the oldest, and of two of one second the one
 * with the lower uid. A newcomer of the same second never takes the place of a stack that runs.
 */
export function namespaceHolder<T extends Claimant>(claimants: readonly T[]): T | undefined {
  const [first] = claimants.toSorted((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));
  return first;
}

function rankOf({ uid, creationTimestamp = '', finalizers = [] }: Claimant): string {
  return `${finalizers.includes(FINALIZER) ? '0' : '1'} ${creationTimestamp} ${uid}`;
}
