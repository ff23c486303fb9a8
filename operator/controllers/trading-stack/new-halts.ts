import { STACK_LABEL } from '../../api/v1alpha1/labels.ts';
import type { SourceStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { parseKey } from '../../kube/client/resource.ts';
import type { Caches } from '../caches/stack-caches.ts';
import { NOT_ASKED, observedStack } from './observe/observe.ts';
import { observePod } from './observe/pod.ts';
import type { Claims } from './claim.ts';
import type { SeenRequests } from './observe/seen-requests.ts';
import type { TradingCommand } from './trading/commands-to.ts';
import { planTrading } from './trading/plan-trading.ts';

/** What a replica that waits for the lease reads. */
export type StandbyCaches = Pick<Caches, 'stacks' | 'pods' | 'secrets'>;

export interface StandbyView {
  readonly caches: StandbyCaches;
  readonly seen: SeenRequests;
  readonly claims: Pick<Claims, 'of'>;
}

/**
 * Notes what the resource shows, and returns the halts that its status does not have, for each process. They are
 * copies: only the leader decides that a halt follows what a process knows. None for a stack of another installation.
 */
export function newHalts({ caches, seen, claims }: StandbyView, key: string, nowMs: number): readonly TradingCommand[] {
  const { namespace = '', name } = parseKey(key);
  const object = caches.stacks.get(namespace, name);
  if (object === undefined) {
    seen.forget(key);
    return [];
  }
  if (claims.of(object).kind === 'Foreign') return [];
  const stack = observedStack(object, seen);
  const { records } = planTrading({ stack, pods: [], nowMs });
  seen.note(key, stack, records);
  const stored = stack.status.trading?.sources ?? [];
  const isStored = ({ source }: SourceStatus): boolean =>
    stored.some((each) => each.source === source && isHalted(each));
  const sources = records.filter((record) => isHalted(record) && !isStored(record)).map(({ source }) => source);
  if (sources.length === 0) return [];
  const pods = caches.pods
    .list(namespace)
    .filter(({ metadata }) => metadata.labels?.[STACK_LABEL] === name)
    .flatMap((pod) => observePod(pod, NOT_ASKED, nowMs) ?? []);
  return planTrading({ stack, pods, nowMs })
    .commands.filter(({ request }) => sources.includes(request.source))
    .map((command) => ({ ...command, request: { ...command.request, copied: true } }));
}

function isHalted({ state }: SourceStatus): boolean {
  return state === 'Halted';
}
