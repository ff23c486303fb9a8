import { isKubeError } from '../client/kube-error.ts';
import { LeaseHold, type LeaseHoldOptions } from './lease-hold.ts';
import type { LeaderMetrics } from '../metrics.ts';

export interface LeaderElectorOptions extends LeaseHoldOptions {
  readonly random?: () => number;
  /**
   * Time from the start of one renewal to the next, and from the end of one attempt to take the lease to the next.
   * Default: 2 s.
   */
  readonly retryMs?: number;
  readonly metrics?: LeaderMetrics;
}

/** The lease was lost. The process must end, because its work in progress may be based on outdated state. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/** States: waiting -> leading -> (stop: released | no renewal in time, or another holder: lost). Not reusable. */
export interface LeaderElector {
  /**
   * Waits for the lease, then runs `lead` and renews the lease. On `stop` it aborts `lead`, renews until `lead` has
   * ended, releases the lease and resolves.
   * @throws LeadershipLostError when the lease was lost; the process must then end. Otherwise rejects with the error of
   * `lead`.
   */
  run(lead: (signal: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void>;
  isLeader(): boolean;
  /**
   * Returns whether this process leads and renewed within the renew deadline on the monotonic clock; false in a process
   * that slept too long.
   */
  mayWrite(): boolean;
  /** Returns for how long `mayWrite` stays true without another renewal, in ms; 0 when it is false. */
  writeLeftMs(): number;
  /** Fires when the lease is lost; not when it is released, because all work has ended by then. */
  readonly lost: AbortSignal;
  /** Returns the identity that held the lease when it was last seen. */
  holder(): string | undefined;
}

/** Jitter of client-go on the retries of waiting candidates (`leaderelection.go` JitterFactor). */
const JITTER_FACTOR = 1.2;
/** Shortest wait after a slow attempt, as a part of `retryMs`. */
const WAIT_PART_MIN = 0.1;

/**
 * Creates an elector that follows the rules of client-go `tools/leaderelection`. The lease alone is not a fence;
 * trading takes its fence from the database.
 */
export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const { clock, log, name, random = Math.random, retryMs = 2_000, renewDeadlineMs = 10_000, metrics } = options;
  const hold = new LeaseHold(options);
  const lost = new AbortController();
  let isLeader = false;

  function setLeader(value: boolean): void {
    isLeader = value;
    metrics?.status.set({ name }, value ? 1 : 0);
    log.info({ lease: name, leader: value, holder: hold.holder() }, 'leadership changed');
  }

  async function acquire(stop: AbortSignal): Promise<boolean> {
    while (!stop.aborted) {
      if ((await hold.tryHold()) === 'held') return true;
      await clock.sleep(retryMs * (1 + random() * JITTER_FACTOR), stop).catch(() => undefined);
    }
    return false;
  }

  /** Renews the lease until `ended` fires. Returns false as soon as the lease is lost. */
  async function keep(ended: AbortSignal): Promise<boolean> {
    let triedAtMs = clock.monotonicMs() - hold.heldForMs();
    while (!ended.aborted) {
      // Counted from the start of the last attempt, because a slow server leaves no time to wait as well.
      const waitMs = Math.max(retryMs * WAIT_PART_MIN, triedAtMs + retryMs - clock.monotonicMs());
      await clock.sleep(waitMs, ended).catch(() => undefined);
      triedAtMs = clock.monotonicMs();
      const outcome = ended.aborted ? 'held' : await hold.tryHold();
      if (outcome === 'held') continue;
      metrics?.slowpath.inc({ name });
      if (outcome === 'taken' || hold.heldForMs() >= renewDeadlineMs) return false;
    }
    return true;
  }

  function writeLeftMs(): number {
    return isLeader ? Math.max(0, renewDeadlineMs - hold.heldForMs()) : 0;
  }

  return {
    run: async (lead, stop) => {
      if (!(await acquire(stop))) return;
      setLeader(true);
      const work = new AbortController();
      const ended = new AbortController();
      const onStop = (): void => work.abort();
      stop.addEventListener('abort', onStop, { once: true });
      const leading = lead(stop.aborted ? AbortSignal.abort() : work.signal).finally(() => ended.abort());
      leading.catch(() => undefined);
      const kept = await keep(ended.signal);
      stop.removeEventListener('abort', onStop);
      setLeader(false);
      if (!kept) {
        work.abort();
        lost.abort();
        throw new LeadershipLostError(`lease ${name} was lost; last known holder: ${hold.holder() ?? 'none'}`);
      }
      await hold.release();
      await leading.catch((error: unknown) =>
        stop.aborted && isKubeError(error, 'Aborted') ? undefined : Promise.reject(error),
      );
    },
    isLeader: () => isLeader,
    mayWrite: () => writeLeftMs() > 0,
    writeLeftMs,
    lost: lost.signal,
    holder: () => hold.holder(),
  };
}
