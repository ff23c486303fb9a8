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
  /**
   * Whether a holder was a former process of the same pod, which has certainly ended: its lease is taken at once. A pod
   * starts a container only after the former one has ended. Default: never.
   */
  readonly isPredecessor?: (holder: string) => boolean;
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

/**
 * Part of the time left until the renew deadline that one request may take. An API server that answers within 4 s can
 * still renew a lease with a deadline of 10 s, and a request on a dead connection leaves time for one on another.
 */
const REQUEST_PART = 0.75;
/** A process that slept past its deadline still tries, because nobody else may have taken the lease. */
const REQUEST_PART_MIN = 0.1;

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
  readonly #renewDeadlineMs: number;
  #seen: Lease | undefined;
  #seenAtMs = 0;
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: LeaseHoldOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
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
    const found = await client.find(leases, { namespace, name }, { deadlineMs: this.#requestMs() });
    if (found === undefined) return this.#create();
    this.#observe(found);
    const holder = this.holder();
    const silentMs = clock.monotonicMs() - this.#seenAtMs;
    if (this.#mayBeAlive(holder) && silentMs < this.#seenLeaseMs()) return 'taken';
    return this.#renew(found);
  }

  #mayBeAlive(holder: string | undefined): boolean {
    const { identity, isPredecessor = () => false } = this.#options;
    return holder !== undefined && holder !== identity && !isPredecessor(holder);
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
    return this.#held((await client.create(leases, lease, { deadlineMs: this.#requestMs() })) as Lease, startedAtMs);
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

  /** Deadline of the next request, in ms. A candidate that holds nothing has the whole renew deadline before it. */
  #requestMs(): number {
    const heldForMs = this.heldForMs();
    const leftMs = this.#renewDeadlineMs - (Number.isFinite(heldForMs) ? heldForMs : 0);
    return Math.max(leftMs * REQUEST_PART, this.#renewDeadlineMs * REQUEST_PART_MIN);
  }

  /** Returns the duration in the lease, in ms, so that a release (1 s) and other settings are honoured. */
  #seenLeaseMs(): number {
    return (this.#seen?.spec?.leaseDurationSeconds ?? this.#leaseMs / 1_000) * 1_000;
  }

  async #patch(lease: Lease, spec: LeaseSpec): Promise<Lease> {
    const { client, namespace, name } = this.#options;
    // The version makes this a compare-and-set: one of two candidates gets a Conflict.
    const patch = { metadata: { resourceVersion: lease.metadata.resourceVersion }, spec };
    const options = { deadlineMs: this.#requestMs() };
    return (await client.mergePatch(leases, { namespace, name }, patch, options)) as Lease;
  }
}
