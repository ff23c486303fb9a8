import { otherColour } from '../../../../operator/controllers/trading-stack/rollout/colours.ts';
import type { LogLine } from '../../../harness/processes/service-process.ts';
import { startTradingSystem, type SystemOptions, type TradingSystem } from '../../halt/trading-system.ts';
import type { Measured } from '../swap-figures.ts';
import { measureSwaps, type SwapOptions, type SwappedSender } from '../swapped-sender.ts';
import { REQUESTS_PER_SECOND, takingTerms } from '../taking-orders.ts';
import { createVersions } from '../two-versions.ts';

const KEPT: ReadonlySet<unknown> = new Set(['role changed', 'fence taken']);
const WARM_SECONDS = 86_400;

/**
 * Swaps the sender by the operator, without a cluster: a real API server, two replicas of the operator, risk, the
 * venue, Redis, Postgres and both senders as processes on loopback addresses. A pod starts as fast as a process.
 */
export async function swapProcesses(
  system: Pick<SystemOptions, 'kubeconfig' | 'sharesApiServer' | 'signal'>,
  options: SwapOptions,
): Promise<Measured> {
  const lines: LogLine[] = [];
  const trading = await startTradingSystem({
    ...system,
    instruments: 1,
    change: {
      venue: { ordersPerSecond: REQUESTS_PER_SECOND },
      execution: { swap: { warmRollbackSeconds: WARM_SECONDS, postSwitchSoakSeconds: 0 } },
    },
    termsOf: takingTerms,
    restarts: true,
    onLine: (line) => {
      if (KEPT.has(line['msg'])) lines.push(line);
      if (line['msg'] === 'drain requested' && line['kind'] !== 'Drained')
        options.progress(`not drained: ${String(line['reason'])}`);
    },
  });
  try {
    return await measureSwaps(senderOf(trading, lines), options);
  } finally {
    await trading.stop();
  }
}

function senderOf(system: TradingSystem, lines: readonly LogLine[]): SwappedSender {
  const { stack, pool, venueUrl } = system;
  const versions = createVersions();
  let epoch = stack.execution().epoch;
  return {
    stack: stack.id(),
    pool,
    venueUrl,
    change: async () => {
      ({ epoch } = stack.execution());
      await system.patch(versions.next());
    },
    settled: async () => {
      await system.play('the other version to send', () => {
        const { active, epoch: now } = stack.execution();
        return now > epoch && active !== 'none' && stack.phase() === 'Running';
      });
    },
    cool: async () => {
      const { active } = stack.execution();
      if (active !== 'blue' && active !== 'green') throw new Error(`the sender is ${active}`);
      await system.patch(warmFor(0));
      await system.play(
        'the standby to have no replicas',
        () => (stack.execution()[otherColour(active)]?.desired ?? 0) === 0,
      );
      await system.stopPods();
      await system.patch(warmFor(WARM_SECONDS));
    },
    lines: async () => await Promise.resolve(lines),
  };
}

function warmFor(warmRollbackSeconds: number): object {
  return { spec: { execution: { swap: { warmRollbackSeconds } } } };
}
