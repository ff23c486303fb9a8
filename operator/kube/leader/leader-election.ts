import { isKubeError } from '../client/kube-error.ts';
import { LeaseHold, type LeaseHoldOptions } from './lease-hold.ts';
import type { LeaderMetrics } from '../metrics.ts';

export interface LeaderElectorOptions extends LeaseHoldOptions {
  readonly random?: () => number;
  /** Time between two attempts to take or renew the lease. Default: 2 s. */
  readonly retryMs?: number;
  readonly metrics?: LeaderMetrics;
}

export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/** Modes: waiting -> leading -> (stop: released | no renewal in time, or another holder: lost). Not reusable. */
export interface LeaderElector {
  /**
   * Waits for the lease, then runs `lead` and renews. On `stop` it aborts `lead`, renews until that has ended, gives the
   * lease back and resolves. @throws LeadershipLostError when the lease was lost (the process is to end then: what it has in hand may be out of date); what `lead` threw otherwise.
   */
  run(lead: (signal: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void>;
  isLeader(): boolean;
  /** Leading, and renewed within the renew deadline on the monotonic clock: false in a process that slept too long. */
  mayWrite(): boolean;
  /** Who held the lease when last seen. */
  holder(): string | undefined;
}

/** client-go's spread of the tries of those who wait (`leaderelection.go` JitterFactor). */
const JITTER_FACTOR = 1.2;

/** The rules of client-go `tools/leaderelection`; the lease alone is no fence, which trading takes from its database. */
export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  const { clock, log, name, random = Math.random, retryMs = 2_000, renewDeadlineMs = 10_000, metrics } = options;
  const hold = new LeaseHold(options);
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

  /** Until `ended`; true when the lease was kept all the while. */
  async function keep(ended: AbortSignal): Promise<boolean> {
    while (!ended.aborted) {
      await clock.sleep(retryMs, ended).catch(() => undefined);
      const outcome = ended.aborted ? 'held' : await hold.tryHold();
      if (outcome === 'held') continue;
      metrics?.slowpath.inc({ name });
      if (outcome === 'taken' || hold.heldForMs() >= renewDeadlineMs) return false;
    }
    return true;
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
        throw new LeadershipLostError(`the lease ${name} is held by ${hold.holder() ?? 'nobody known'}`);
      }
      await hold.release();
      await leading.catch((error: unknown) =>
        stop.aborted && isKubeError(error, 'Aborted') ? undefined : Promise.reject(error),
      );
    },
    isLeader: () => isLeader,
    mayWrite: () => isLeader && hold.heldForMs() < renewDeadlineMs,
    holder: () => hold.holder(),
  };
}
