import type { Clock } from '../../../services/shared/runtime/clock.ts';
import { newHalts, type NewHalt, type StandbyCaches } from './new-halts.ts';
import { sendCommand, type SendCommandOptions } from './send-command.ts';
import type { TradingCommand } from './trading/commands-to.ts';

/**
 * Sends halts from a replica that does not lead, so that a halt does not wait for the next leader. A halt is safe from
 * anybody: it permits nothing, and repeating it is harmless. Everything else, a lift above all, is the leader's.
 */
export interface StandbyHalts {
  /** Reads a stack again after a change that affects it. Sends each new halt to each process. */
  changed(key: string): void;
  /** Ends all requests and resolves when none is in flight any more. The leader's reconcile sends all commands. */
  stop(): Promise<void>;
}

export interface StandbyHaltsOptions extends SendCommandOptions {
  readonly caches: StandbyCaches;
  readonly clock: Clock;
}

/** How long a process that does not answer is asked, and how often. */
const RETRY_FOR_MS = 5_000;
const RETRY_MS = 500;

/**
 * Creates the sender of halts of a replica that waits for the lease. It sends what the status of the stack does not
 * have yet: once the leader has recorded a halt, it has sent it as well. Bound: one request for each such halt and
 * process.
 */
export function createStandbyHalts(options: StandbyHaltsOptions): StandbyHalts {
  const { clock } = options;
  /** IDs of the halts that were sent and are not recorded yet, by stack. */
  const sent = new Map<string, ReadonlySet<string>>();
  const running = new Set<Promise<void>>();
  const ended = new AbortController();
  const { signal } = ended;

  async function send(key: string, { command, token }: NewHalt): Promise<void> {
    const endsMs = clock.monotonicMs() + RETRY_FOR_MS;
    while (clock.monotonicMs() < endsMs && sent.get(key)?.has(idOf(command)) === true) {
      const outcome = await sendCommand(options, command, { token, signal });
      if (outcome.kind !== 'Unanswered') return;
      await clock.sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }

  return {
    changed: (key) => {
      if (signal.aborted) return;
      const halts = newHalts(options.caches, key, clock.nowMs());
      const before = sent.get(key);
      sent.delete(key);
      if (halts.length > 0) sent.set(key, new Set(halts.map(({ command }) => idOf(command))));
      for (const halt of halts) {
        if (before?.has(idOf(halt.command)) === true) continue;
        const sending = send(key, halt);
        running.add(sending);
        void sending.finally(() => running.delete(sending));
      }
    },
    stop: async () => {
      ended.abort(new Error('this replica leads or ends'));
      sent.clear();
      await Promise.all(running);
    },
  };
}

function idOf({ uid, ip, request }: TradingCommand): string {
  return `${uid} ${ip} ${request.source} ${request.revision}`;
}
