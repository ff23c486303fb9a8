import { STACK_LABEL } from '../../api/v1alpha1/labels.ts';
import type { SourceStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { parseKey } from '../../kube/client/resource.ts';
import type { Caches } from '../caches/stack-caches.ts';
import { NOT_ASKED, observedStack } from './observe/observe.ts';
import { storedControlToken } from './observe/own-secrets.ts';
import { observePod } from './observe/pod.ts';
import type { TradingCommand } from './trading/commands-to.ts';
import { planTrading } from './trading/plan-trading.ts';

/**
 * Age of the oldest halt that is sent, by the clock of the API server. A replica that was frozen may read of a halt
 * that was lifted long ago.
 */
const RECENT_MS = 30_000;
/** What a replica that waits for the lease reads. */
export type StandbyCaches = Pick<Caches, 'stacks' | 'pods' | 'secrets'>;

/** A halt for one process, and the token that it accepts. */
export interface NewHalt {
  readonly command: TradingCommand;
  readonly token: string;
}

/** Returns the recent halts of a stack that its status does not have, for each process. */
export function newHalts(caches: StandbyCaches, key: string, nowMs: number): readonly NewHalt[] {
  const { namespace = '', name } = parseKey(key);
  const object = caches.stacks.get(namespace, name);
  const token = storedControlToken(caches, namespace);
  if (object === undefined || token === undefined) return [];
  const stack = observedStack(object);
  const stored = stack.status.trading?.sources ?? [];
  const sources = planTrading({ stack, pods: [], nowMs }).records.flatMap((record) => {
    const isNew = isHalted(record) && !stored.some((each) => each.source === record.source && isHalted(each));
    return isNew && nowMs - Date.parse(record.since) < RECENT_MS ? [record.source] : [];
  });
  if (sources.length === 0) return [];
  const pods = caches.pods
    .list(namespace)
    .filter(({ metadata }) => metadata.labels?.[STACK_LABEL] === name)
    .flatMap((pod) => observePod(pod, NOT_ASKED) ?? []);
  const { commands } = planTrading({ stack, pods, nowMs });
  return commands.flatMap((command) => (sources.includes(command.request.source) ? [{ command, token }] : []));
}

function isHalted({ state }: SourceStatus): boolean {
  return state === 'Halted';
}
