import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { RequestSlots } from '../../pods/request-slots.ts';
import { parseKey } from '../../kube/client/resource.ts';
import type { SeenRequests } from './observe/seen-requests.ts';
import { storedControlToken } from './observe/own-secrets.ts';
import type { Claims } from './claim.ts';
import { newHalts, type StandbyCaches } from './new-halts.ts';
import { sendCommand, type SendCommandOptions } from './send-command.ts';
import type { TradingCommand } from './trading/commands-to.ts';

/**
 * Sends halts from a replica that does not lead, so that a halt does not wait for the next leader. Everything else, a
 * lift above all, is the leader's. This replica may be late and not know of a lift, so a process takes its halts only
 * above the revision that it knows.
 */
export interface StandbyHalts {
  /**
   * Reads a stack again after a change that affects it, also in a replica that leads, which must know what the resource
   * has shown. Sends each new halt to each process.
   */
  changed(key: string): void;
  /**
   * Ends all requests and resolves when none is in flight any more. From then on the reconcile of this replica sends
   * all commands.
   */
  stop(): Promise<void>;
}

export interface StandbyHaltsOptions extends SendCommandOptions {
  readonly caches: StandbyCaches;
  readonly seen: SeenRequests;
  readonly claims: Pick<Claims, 'of'>;
  readonly slots: RequestSlots;
  readonly clock: Clock;
}

/** Pause before a process is asked again, as between two commands of the leader. */
const RETRY_MS = 1_000;

/**
 * Creates the sender of halts of a replica that waits for the lease. It sends what the status of the stack does not
 * have, until the process has taken it. What the status has is sent by the leader. Bound: one request for each such
 * halt and process.
 */
export function createStandbyHalts(options: StandbyHaltsOptions): StandbyHalts {
  const { caches, seen, claims, slots, clock } = options;
  /** IDs of the halts that the status does not have, by stack. */
  const wanted = new Map<string, ReadonlySet<string>>();
  const running = new Set<Promise<void>>();
  const ended = new AbortController();
  const { signal } = ended;

  async function send(key: string, command: TradingCommand): Promise<void> {
    const { namespace = '' } = parseKey(key);
    while (wanted.get(key)?.has(idOf(command)) === true) {
      const token = storedControlToken(caches, namespace);
      if (token !== undefined && (await isSettled(command, token))) return;
      await clock.sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }

  /** Whether the process has the halt, or knows of a newer request. */
  async function isSettled(command: TradingCommand, token: string): Promise<boolean> {
    const release = await slots.take('New', signal);
    const outcome = await sendCommand(options, command, { token, signal }).finally(release);
    return outcome.kind === 'Accepted' || (outcome.kind === 'Refused' && outcome.status === 409);
  }

  return {
    changed: (key) => {
      const commands = newHalts({ caches, seen, claims }, key, clock.nowMs());
      if (signal.aborted) return;
      const before = wanted.get(key);
      wanted.delete(key);
      if (commands.length > 0) wanted.set(key, new Set(commands.map(idOf)));
      for (const command of commands) {
        if (before?.has(idOf(command)) === true) continue;
        const sending = send(key, command).catch(() => undefined);
        running.add(sending);
        void sending.finally(() => running.delete(sending));
      }
    },
    stop: async () => {
      ended.abort(new Error('this replica leads or ends'));
      wanted.clear();
      await Promise.all(running);
    },
  };
}

function idOf({ uid, ip, request }: TradingCommand): string {
  return `${uid} ${ip} ${request.source} ${request.revision}`;
}
