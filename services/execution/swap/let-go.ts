import type { RestingPolicy } from '../../shared/contracts/control.ts';
import type { ComparedAges } from '../core/swap/compared-ages.ts';
import { whyNotDrained } from '../core/swap/why-not-drained.ts';
import type { BalanceCheck } from '../reconcile/balance-check.ts';
import type { Comparisons } from '../reconcile/comparisons.ts';
import type { OtherStacks } from '../reconcile/other-stacks.ts';
import type { VenueReconciler } from '../reconcile/venue-reconciler.ts';
import { drainFacts, type DrainedOrders } from './drain-facts.ts';

export interface LetGoOptions extends DrainedOrders {
  readonly comparisons: Pick<Comparisons, 'ages'>;
  readonly otherStacks: Pick<OtherStacks, 'current'>;
  readonly ledger: Pick<BalanceCheck, 'unread'>;
  readonly reconciler: Pick<VenueReconciler, 'end'>;
  /** Publishes what the outbox has, within about a second. Never rejects. */
  readonly flushOutbox: () => Promise<void>;
}

/**
 * Releases the fence when nothing is in flight and every outcome is known and recorded: the one way in which a sender
 * lets go of it, in a drain and in a stop. Resolves to why it does not; undefined when it is released. The fence stops
 * every record before the release is sent, so that the next sender is the only one that records.
 */
export async function letGo(options: LetGoOptions, resting: RestingPolicy): Promise<string | undefined> {
  const { fence, reconciler, flushOutbox } = options;
  const why = (): string | undefined => whyNotDrained(drainFacts(options, resting === 'Cancel'));
  if (why() !== undefined) return why();
  // Risk should know of every fill before the next sender acts. What is left, the next sender relays.
  await flushOutbox();
  await reconciler.end();
  // A fill or a halt may have come meanwhile. From this check to the release nothing is awaited.
  if (why() !== undefined) return why();
  return (await fence.release(comparedBy(options))) ? undefined : 'the fence could not be released';
}

/** Leaves out the instruments and the balances where something stops entries that only this process knows. */
function comparedBy({ comparisons, deadLetters, otherStacks, ledger }: LetGoOptions): ComparedAges {
  const apart = deadLetters.open.map(({ symbol }) => symbol);
  const others = otherStacks.current().map(({ symbol }) => symbol);
  const ages = comparisons.ages(new Set([...apart, ...others]));
  return ledger.unread.length === 0 ? ages : { ...ages, balances: null };
}
