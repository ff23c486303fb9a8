import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import type { OrderStep } from '../../services/replay/core/order-step.ts';
import type { ReleaseStep } from '../../services/replay/core/release-step.ts';

/** History of the active release, of the orders and of the positions. Each is in the order in which it happened. */
export interface Released {
  readonly releases: readonly ReleaseStep[];
  /** Orders, each with the release of risk that approved it. */
  readonly approvals: readonly { readonly clientOrderId: string; readonly release: string }[];
  readonly steps: readonly OrderStep[];
  readonly exitSteps: readonly ExitStep[];
}

/**
 * Returns every violation of I14, as text: a buy is approved by the release of risk that is active, and committed while
 * that one still is.
 */
export function releaseViolations({ releases, approvals, steps, exitSteps }: Released): readonly string[] {
  const releaseOf = new Map(approvals.map(({ clientOrderId, release }) => [clientOrderId, release]));
  const judge = (id: string, what: string, active: string | undefined): readonly string[] => {
    const release = releaseOf.get(id);
    return release === active ? [] : [`I14: ${id} of release ${release} was ${what} while ${active} was active`];
  };
  const approved = exitSteps.flatMap((step, index) =>
    step.kind === 'Approved' && step.side === 'buy'
      ? judge(step.client_order_id, 'approved', releases.findLast((one) => one.afterExitSteps <= index)?.release)
      : [],
  );
  const committed = steps.flatMap(({ client_order_id: id, side, state }, index) =>
    state === 'Intended' && side === 'buy'
      ? judge(id, 'committed', releases.findLast((one) => one.afterSteps <= index)?.release)
      : [],
  );
  return [...approved, ...committed];
}
