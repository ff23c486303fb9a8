import { TRADING_STACK, TRADING_STACK_API_VERSION } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import { isKubeError } from '../../kube/client/kube-error.ts';
import { keyOf, parseKey } from '../../kube/client/resource.ts';
import type { ReconcileResult } from '../../kube/queue/controller.ts';
import type { EventRecorder } from '../../kube/events/events.ts';
import type { Clock } from '../../../services/shared/runtime/clock.ts';
import { tradingStacks } from '../caches/stack-caches.ts';
import type { Claims } from './claim.ts';
import type { Observed } from './observe/observe.ts';
import { foreignEvent, takenOverEvent } from './claim-events.ts';
import type { StackEvent } from './status/events/stack-event.ts';
import type { StackStatusMetrics } from './status/stack-status-metrics.ts';
import { STATUS_MANAGER, type StatusOptions } from './write-status.ts';

export interface ClaimGuard {
  /** Whether another installation manages the stack. If so, reports it and returns when to look again. */
  leave(key: string): ReconcileResult | undefined;
  /**
   * Claims a stack that is free, or renews the claim: a compare-and-set, so that one of two installations gets it.
   * Returns the result of the reconcile, which changes nothing else; undefined if the stack is this installation's.
   * @throws KubeError `Conflict` if the stack has changed, and `Forbidden` if a policy lets another account write it.
   */
  claim(observed: Observed, signal: AbortSignal): Promise<ReconcileResult | undefined>;
  forget(key: string): void;
}

export interface ClaimGuardOptions extends StatusOptions {
  readonly claims: Claims;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly metrics?: Pick<StackStatusMetrics, 'claimedByOther'>;
}

/** Longest time after which a stack of another installation is looked at again: its event is repeated then. */
const FOREIGN_MS = 300_000;
/** Delay until the next reconcile where the API server stores no claim. */
const UNCLAIMED_MS = 1_000;

/** Creates the guard that keeps two installations of the operator from one stack. */
export function createClaimGuard(options: ClaimGuardOptions): ClaimGuard {
  const { claims, caches, log, metrics } = options;
  return {
    leave: (key) => {
      const { namespace = '', name } = parseKey(key);
      const object = caches.stacks.get(namespace, name);
      const claim = object === undefined ? undefined : claims.of(object);
      if (object === undefined || claim?.kind !== 'Foreign') return undefined;
      metrics?.claimedByOther(key);
      recordEvent(options, object, foreignEvent(claims.installation, claim.holder));
      return { requeueAfterMs: Math.min(claim.leftMs, FOREIGN_MS) };
    },
    claim: async (observed, signal) => {
      const claim = claims.of(observed.object);
      if (claim.kind !== 'Free') return undefined;
      const holder = await putClaim(options, observed.object, signal);
      if (holder !== claims.installation) {
        // A CRD of another version has no field for it, or refuses the status. A missing guard must not hold back a
        // rollout or a halt.
        const key = keyOf(observed.object);
        log.error({ stack: key }, 'stack not claimed because the CRD is of another version');
        claims.waive(key);
        return { requeueAfterMs: UNCLAIMED_MS };
      }
      if (claim.after !== undefined) recordEvent(options, observed.object, takenOverEvent(claim.after));
      return {};
    },
    forget: (key) => claims.forget(key),
  };
}

/**
 * Returns the holder that the API server has stored. A merge patch, because an apply of a field that the CRD lacks
 * fails, whereas a patch drops it.
 */
async function putClaim(
  { client, caches, lastWritten, claims: { installation }, clock }: ClaimGuardOptions,
  { metadata }: Observed['object'],
  signal: AbortSignal,
): Promise<string | undefined> {
  const { name, namespace = '', resourceVersion } = metadata;
  const observedAt = new Date(clock.nowMs()).toISOString();
  const patch = { metadata: { resourceVersion }, status: { operator: installation, observedAt } };
  const options = { status: true, fieldManager: STATUS_MANAGER, signal };
  try {
    const written = await client.mergePatch(tradingStacks, { name, namespace }, patch, options);
    lastWritten.expectWritten(`${namespace}/${name}`, caches.stacks.followerOf(namespace, name), written);
    return readStatus(written.status).operator;
  } catch (error) {
    if (!isKubeError(error, 'Invalid')) throw error;
    return undefined;
  }
}

function recordEvent(
  { events, log }: ClaimGuardOptions,
  { metadata }: Observed['object'],
  { type, reason, action, note }: StackEvent,
): void {
  const { name, namespace = '', uid } = metadata;
  log.warn({ stack: `${namespace}/${name}`, type, reason, note }, 'event recorded');
  const regarding = { apiVersion: TRADING_STACK_API_VERSION, kind: TRADING_STACK.kind, name, namespace, uid };
  events.record({ regarding, type, reason, action, note });
}
