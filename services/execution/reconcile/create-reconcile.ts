import type { ExecutionSettings } from '../../shared/contracts/services/execution.ts';
import { BalanceCheck, type BalanceCheckOptions } from './balance-check.ts';
import { Comparisons } from './comparisons.ts';
import { Findings, type FindingsOptions } from './findings.ts';
import { ForeignOrders, type ForeignOrdersOptions } from './foreign-orders.ts';
import { InstrumentReconciler } from './instrument-reconciler.ts';
import { InterruptibleVenue, type ReconciledVenue } from './interruptible-venue.ts';
import { MissedFills, type MissedFillsOptions } from './missed-fills.ts';
import { OtherStacks } from './other-stacks.ts';
import { UnreadOrders } from './unread/unread-orders.ts';
import { ReconcileTimer } from './reconcile-timer.ts';
import { VenueReconciler, type VenueReconcilerOptions } from './venue-reconciler.ts';

type Made = 'instruments' | 'ledger' | 'comparisons' | 'foreignOrders' | 'findings' | 'otherStacks' | 'missedFills';
/** What every part of the reconcile takes, apart from the other parts. */
export type ReconcileOptions = Omit<
  FindingsOptions &
    MissedFillsOptions &
    ForeignOrdersOptions &
    BalanceCheckOptions &
    Omit<VenueReconcilerOptions, 'venue'>,
  Made
> & {
  readonly venue: ReconciledVenue;
  readonly fence: ConstructorParameters<typeof ReconcileTimer>[0]['fence'];
} & Pick<ExecutionSettings, 'reconcileIntervalMs'>;

/** Creates what compares the record with the venue. The timer runs it. */
export function createReconcile(options: ReconcileOptions) {
  const { reconcileIntervalMs: intervalMs } = options;
  const venue = new InterruptibleVenue(options.venue);
  const comparisons = new Comparisons({ ...options, intervalMs });
  const findings = new Findings(options);
  const otherStacks = new OtherStacks(options);
  const foreignOrders = new ForeignOrders({ ...options, otherStacks });
  const unreadOrders = new UnreadOrders(options);
  const newMissedFills = (): MissedFills => new MissedFills({ ...options, venue, findings, otherStacks });
  let fillsOfEpoch = newMissedFills();
  const missedFills: Pick<MissedFills, 'record' | 'lost'> = {
    record: async (symbol) => await fillsOfEpoch.record(symbol),
    get lost() {
      return fillsOfEpoch.lost;
    },
  };
  const ledger = new BalanceCheck({ ...options, venue, missedFills });
  const instruments = new InstrumentReconciler({ ...options, findings, foreignOrders, unreadOrders, missedFills });
  const reconciler = new VenueReconciler({ ...options, venue, instruments, ledger, comparisons });
  const timer = new ReconcileTimer({ ...options, reconciler, comparisons, intervalMs });
  /** Forgets what an epoch has learned, so that the next one learns it as after a start. */
  const resetReconcile = (): void => {
    comparisons.reset();
    foreignOrders.reset();
    ledger.reset();
    fillsOfEpoch = newMissedFills();
  };
  return { comparisons, otherStacks, foreignOrders, ledger, reconciler, timer, resetReconcile };
}
