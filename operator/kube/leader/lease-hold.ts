import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { leases } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import { isKubeError } from '../client/kube-error.ts';
import { microTime } from '../client/micro-time.ts';
import type { KubeObject, Stored } from '../client/resource.ts';

export interface LeaseHoldOptions {
  /** A dedicated client, so that renewals do not wait for a connection behind other calls. */
  readonly client: Pick<KubeClient, 'find' | 'create' | 'mergePatch'>;
  readonly namespace: string;
  readonly name: string;
  /** Unique for each process start, so that a restarted pod does not mistake itself for the holder. */
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a holder may go without renewal before other candidates take the lease. Default: 15 s. */
  readonly leaseMs?: number;
  /** How long the holder keeps leading without a successful renewal; well below `leaseMs`. Default: 10 s. */
  readonly renewDeadlineMs?: number;
}

/**
 * `coordination.k8s.io/v1` LeaseSpec. Times stay strings as sent by the server; a round trip through Date loses digits.
 */
interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

type Lease = Stored<KubeObject & { readonly spec?: LeaseSpec }>;

/** `taken`: another holder's lease may still be valid. `failed`: the state of the lease is unknown. */
export type HoldOutcome = 'held' | 'taken' | 'failed';

/**
 * One Lease as seen by one candidate. The lease of another holder counts as expired when *we* have seen no change for
 * its duration on our monotonic clock. The times in the lease come from other machines and are never compared with our
 * clock.
 */
export class LeaseHold {
  readonly #options: LeaseHoldOptions;
  readonly #leaseMs: number;
  readonly #deadlineMs: number;
  #seen: Lease | undefined;
  #seenAtMs = 0;
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: LeaseHoldOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 15_000;
    // Three attempts must fit into the renew deadline, even if each of them hangs.
    this.#deadlineMs = Math.floor((options.renewDeadlineMs ?? 10_000) * 0.3);
  }

  /** Returns the holder when the lease was last seen; undefined if the lease was free or not seen yet. */
  holder(): string | undefined {
    const holder = this.#seen?.spec?.holderIdentity;
    return holder === '' ? undefined : holder;
  }

  /** Returns the ms since the last successful renewal was *sent*; other candidates start counting later than that. */
  heldForMs(): number {
    return this.#options.clock.monotonicMs() - this.#renewedAtMs;
  }

  /** Takes the lease if it is free or expired, or renews it if it is ours. Never throws. */
  async tryHold(): Promise<HoldOutcome> {
    try {
      return await this.#hold();
    } catch (error) {
      const { log, name } = this.#options;
      log.warn({ lease: name, err: error }, 'lease could not be acquired or renewed');
      return 'failed';
    }
  }

  /**
   * Releases the lease, so that the next candidate can take it at once. Best effort: if it fails, the lease expires.
   */
  async release(): Promise<void> {
    const { identity, clock, log, name } = this.#options;
    if (this.#seen === undefined || this.holder() !== identity) return;
    const now = microTime(clock.nowMs());
    try {
      await this.#patch(this.#seen, { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now });
    } catch (error) {
      log.warn({ lease: name, err: error }, 'lease could not be released, it will expire');
    }
    this.#renewedAtMs = Number.NEGATIVE_INFINITY;
  }

  async #hold(): Promise<HoldOutcome> {
    const { client, clock, identity, namespace, name } = this.#options;
    // While the lease is ours, the last seen version is enough; the compare-and-set fails if it is outdated.
    if (this.#seen !== undefined && this.holder() === identity) {
      const outcome = await this.#renew(this.#seen);
      if (outcome !== 'failed') return outcome;
    }
    const found = await client.find(leases, { namespace, name }, { deadlineMs: this.#deadlineMs });
    if (found === undefined) return this.#create();
    this.#observe(found);
    const holder = this.holder();
    const silentMs = clock.monotonicMs() - this.#seenAtMs;
    if (holder !== undefined && holder !== identity && silentMs < this.#seenLeaseMs()) return 'taken';
    return this.#renew(found);
  }

  async #renew(lease: Lease): Promise<HoldOutcome> {
    const { clock, identity } = this.#options;
    const startedAtMs = clock.monotonicMs();
    const now = microTime(clock.nowMs());
    const isOurs = lease.spec?.holderIdentity === identity;
    const transitions = lease.spec?.leaseTransitions ?? 0;
    try {
      const renewed = await this.#patch(lease, {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(this.#leaseMs / 1_000),
        acquireTime: isOurs ? (lease.spec.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: isOurs ? transitions : transitions + 1,
      });
      return this.#held(renewed, startedAtMs);
    } catch (error) {
      if (isKubeError(error, 'Conflict', 'NotFound')) return 'failed';
      throw error;
    }
  }

  async #create(): Promise<HoldOutcome> {
    const { client, clock, identity, namespace, name } = this.#options;
    const startedAtMs = clock.monotonicMs();
    const now = microTime(clock.nowMs());
    const spec: LeaseSpec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#leaseMs / 1_000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    };
    const lease = { metadata: { namespace, name }, spec } as KubeObject;
    return this.#held((await client.create(leases, lease, { deadlineMs: this.#deadlineMs })) as Lease, startedAtMs);
  }

  #held(lease: Lease, startedAtMs: number): HoldOutcome {
    this.#observe(lease);
    this.#renewedAtMs = startedAtMs;
    return 'held';
  }

  #observe(lease: Lease): void {
    if (JSON.stringify(lease.spec) !== JSON.stringify(this.#seen?.spec)) {
      this.#seenAtMs = this.#options.clock.monotonicMs();
    }
    this.#seen = lease;
  }

  /** Returns the duration in the lease, in ms, so that a release (1 s) and other settings are honoured. */
  #seenLeaseMs(): number {
    return (this.#seen?.spec?.leaseDurationSeconds ?? this.#leaseMs / 1_000) * 1_000;
  }

  async #patch(lease: Lease, spec: LeaseSpec): Promise<Lease> {
    const { client, namespace, name } = this.#options;
    // The version makes this a compare-and-set: one of two candidates gets a Conflict.
    const patch = { metadata: { resourceVersion: lease.metadata.resourceVersion }, spec };
    const options = { deadlineMs: this.#deadlineMs };
    return (await client.mergePatch(leases, { namespace, name }, patch, options)) as Lease;
  }
}
