import type { TradingStackObject } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import { keyOf, type Stored } from '../../kube/client/resource.ts';
import type { Clock } from '../../../services/shared/runtime/clock.ts';

/**
 * Who manages a stack. Own: this installation. Free: it must claim the stack before it changes anything, because there
 * is no claim, or one that its holder has not renewed, this installation included. Foreign: another one.
 */
export type Claim =
  | { readonly kind: 'Own' }
  | { readonly kind: 'Free'; readonly after: string | undefined }
  | { readonly kind: 'Foreign'; readonly holder: string; readonly leftMs: number };

/**
 * Two installations of the operator never manage the same stack. The claim is `status.operator`; each status that its
 * holder writes renews it, at least every minute. All replicas of an installation are one holder: their Lease chooses
 * the one that writes.
 */
export interface Claims {
  /** This installation: namespace/name. */
  readonly installation: string;
  /** Returns who manages the stack, from its newest version. */
  of(stack: Stored<TradingStackObject>): Claim;
  /** Manages the stack without a claim until it has expired, because the API server does not store one. */
  waive(key: string): void;
  forget(key: string): void;
}

export interface ClaimsOptions {
  /** This installation: namespace/name. */
  readonly installation: string;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Time without a renewal after which a claim expires. Default: 3 min. */
  readonly expiresMs?: number;
}

interface Seen {
  readonly renewal: string;
  readonly sinceMs: number;
}

/**
 * Creates the reader of claims. As with a Lease, this process measures from when it first saw a renewal, because clocks
 * of two machines differ. The holder stops earlier than others take over. Bound: two entries for each stack.
 */
export function createClaims({ installation, clock, expiresMs = 180_000 }: ClaimsOptions): Claims {
  const seen = new Map<string, Seen>();
  const waivedUntilMs = new Map<string, number>();
  const ageOf = (key: string, renewal: string): number => {
    const known = seen.get(key);
    if (known?.renewal === renewal) return clock.monotonicMs() - known.sinceMs;
    seen.set(key, { renewal, sinceMs: clock.monotonicMs() });
    return 0;
  };
  const claimOf = (stack: Stored<TradingStackObject>): Claim => {
    const { operator: holder, observedAt = '' } = readStatus(stack.status);
    const ageMs = ageOf(keyOf(stack), `${stack.metadata.uid} ${holder ?? ''} ${observedAt}`);
    if (holder === undefined) return { kind: 'Free', after: undefined };
    if (holder === installation)
      return ageMs < (expiresMs * 2) / 3 ? { kind: 'Own' } : { kind: 'Free', after: undefined };
    return ageMs < expiresMs ? { kind: 'Foreign', holder, leftMs: expiresMs - ageMs } : { kind: 'Free', after: holder };
  };
  return {
    installation,
    of: (stack) => {
      const claim = claimOf(stack);
      const isWaived = clock.monotonicMs() < (waivedUntilMs.get(keyOf(stack)) ?? 0);
      return claim.kind === 'Free' && isWaived ? { kind: 'Own' } : claim;
    },
    waive: (key) => void waivedUntilMs.set(key, clock.monotonicMs() + expiresMs),
    forget: (key) => {
      seen.delete(key);
      waivedUntilMs.delete(key);
    },
  };
}
