import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { PluginError } from '../call/plugin-error.ts';
import { duration } from '../view/age.ts';
import type { Progress } from '../view/request-progress.ts';
import type { Session } from '../session.ts';
import { attempt } from './attempt.ts';
import type { Cluster } from './cluster.ts';
import type { StoredStack } from './read-stack.ts';

export interface Following {
  readonly name: string;
  readonly timeoutMs: number;
  /** How far the status shows the request to be. */
  readonly judge: (seen: Seen) => Progress;
  /** How to do it without the operator: said if it does not take the request up. */
  readonly without?: (place: Pick<Seen, 'name' | 'namespace' | 'status'>) => string;
}

export interface Seen {
  readonly name: string;
  readonly namespace: string;
  readonly status: TradingStackStatus;
  readonly nowMs: number;
  readonly stack: StoredStack;
}

/** How a wait ended. `seen` is undefined if the stack could not be read at the end. */
export interface Followed {
  readonly progress: Progress;
  readonly seen: Seen | undefined;
}

const EVERY_MS = 500;
/** Without a change, the wait is named again this often. */
const REPEAT_MS = 5_000;
/** An operator that runs takes a halt up within a second. */
const UNHEARD_MS = 5_000;

/**
 * Reads the status until the request is done or blocked, or the time is over. Says on the way what it waits for.
 * Rejects with PluginError `Forbidden` if it may not be read: to wait longer does not help.
 */
export async function followStatus(cluster: Cluster, following: Following, session: Session): Promise<Followed> {
  const { clock } = session;
  const startedMs = clock.monotonicMs();
  const say = sayer(cluster, following, session);
  for (;;) {
    const followed = await look(cluster, following, session);
    const waitedMs = clock.monotonicMs() - startedMs;
    if (followed.progress.kind !== 'Waiting' || waitedMs >= following.timeoutMs) return followed;
    say(followed, waitedMs);
    await clock.sleep(EVERY_MS);
  }
}

/** Says each step once, and again after a while; and once how to do without an operator that does not hear. */
function sayer(
  { namespace }: Cluster,
  { name, without }: Following,
  { terminal }: Session,
): (followed: Followed, waitedMs: number) => void {
  let [said, saidMs, warns] = ['', 0, true];
  return ({ progress, seen }, waitedMs) => {
    if (progress.line !== said || waitedMs - saidMs >= REPEAT_MS) {
      terminal.note(`${duration(waitedMs)}: ${progress.line}`);
      [said, saidMs] = [progress.line, waitedMs];
    }
    if (without === undefined || !warns || isHeard(progress) || waitedMs < UNHEARD_MS) return;
    warns = false;
    terminal.note(terminal.style.bad(without({ name, namespace, status: seen?.status ?? {} })));
  };
}

function isHeard(progress: Progress): boolean {
  return progress.kind !== 'Waiting' || progress.heard;
}

async function look({ client, namespace }: Cluster, { name, judge }: Following, { clock }: Session): Promise<Followed> {
  const read = await attempt(
    { verb: 'get', what: `tradingstack ${name}`, where: `in namespace ${namespace}` },
    client.get(tradingStacks, { namespace, name }, { deadlineMs: 3_000 }),
  );
  if (!read.known && read.forbidden)
    throw new PluginError('Forbidden', `${read.why}; without that nothing can be followed. What was requested stays`);
  if (!read.known) return { progress: { kind: 'Waiting', line: read.why, heard: false }, seen: undefined };
  const stack = read.value;
  const seen = { name, namespace, status: readStatus(stack.status), nowMs: clock.nowMs(), stack };
  return { progress: judge(seen), seen };
}
