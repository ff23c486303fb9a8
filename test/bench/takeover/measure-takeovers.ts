import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../services/shared/runtime/errors.ts';
import type { LogLine } from '../../harness/processes/service-process.ts';
import type { BenchOutput } from '../bench.ts';
import { startTradingSystem, type SystemOptions, type TradingSystem } from '../halt/trading-system.ts';
import { placedOrders, untilSentIn } from '../swap/order-log.ts';
import { REQUESTS_PER_SECOND, takingTerms } from '../swap/taking-orders.ts';
import { KEPT_LINES, type Evidence, type Injected } from './takeover-figures.ts';
import { SIGNALS, type Fault, type TakeoverRequest } from './takeover-options.ts';

export type TakeoverOptions = TakeoverRequest & Pick<BenchOutput, 'progress'>;

/**
 * Kills or stops the process that sends under 20 orders a second, once for each fault, and waits each time until the
 * spare sends and there is a spare again. A process that ends is started again, as by a kubelet; one that was stopped
 * goes on after the first order of the other one.
 */
export async function measureTakeovers(
  system: Pick<SystemOptions, 'kubeconfig' | 'sharesApiServer' | 'signal'>,
  { faults, pauseMs, progress }: TakeoverOptions,
): Promise<Evidence> {
  const lines: LogLine[] = [];
  const trading = await startTradingSystem({
    ...system,
    instruments: 1,
    change: { venue: { ordersPerSecond: REQUESTS_PER_SECOND } },
    termsOf: takingTerms,
    restarts: true,
    onLine: (line) => void (KEPT_LINES.has(line['msg']) && lines.push(line)),
  });
  try {
    const injected: Injected[] = [];
    let failure: string | null = null;
    for (const fault of faults) {
      try {
        await untilWhole(trading);
        await delay(pauseMs);
        await untilWhole(trading);
        injected.push(await inject(trading, fault));
      } catch (error) {
        failure = `fault ${injected.length + 1}, ${fault}: ${messageOf(error)}`;
        progress(failure);
        break;
      }
      progress(`fault ${injected.length} of ${faults.length}, ${fault}: epoch ${injected.at(-1)?.epoch}`);
    }
    const last = injected.at(-1)?.epoch ?? 0;
    const orders = await placedOrders(logOf(trading));
    return { injected, lines, orders: orders.filter(({ epoch }) => epoch <= last), failure };
  } finally {
    await trading.stop();
  }
}

const logOf = ({ stack, pool, venueUrl }: TradingSystem) => ({ stack: stack.id(), pool, venueUrl });

/** The stack runs, orders are sent in its epoch, and a spare is armed. */
async function untilWhole(system: TradingSystem): Promise<void> {
  const { stack } = system;
  await system.play('a sender and its spare', () => isWhole(system));
  await untilSentIn(logOf(system), stack.execution().epoch);
}

function isWhole({ stack }: TradingSystem): boolean {
  const { active, pod } = stack.execution();
  const sends = (active === 'blue' || active === 'green') && pod !== undefined;
  return sends && stack.phase() === 'Running' && stack.degraded() === undefined;
}

async function inject(system: TradingSystem, fault: Fault): Promise<Injected> {
  const { stack, pods } = system;
  const { active, pod = '', epoch: before } = stack.execution();
  const workload = `execution-${active}${pod.endsWith('-2') ? '-2' : ''}`;
  const atMs = Date.now();
  pods.signal(workload, SIGNALS[fault]);
  const next = untilSentIn(logOf(system), before + 1);
  let isSent = false;
  void next.then(
    () => (isSent = true),
    () => undefined,
  );
  // Meanwhile a process that ended is started again.
  await system.play('an order of the spare', () => isSent);
  const epoch = await next;
  if (fault === 'stop') pods.signal(workload, 'SIGCONT');
  await system.play('the status to name the pod that took over', () => stack.execution().pod !== pod);
  return { fault, atMs, epoch };
}
