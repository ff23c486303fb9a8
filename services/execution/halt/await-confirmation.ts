import type { SenderStatus, Statusz } from '../../shared/contracts/statusz.ts';
import type { SourceState } from '../../shared/domain/trading-state.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { readStatus } from './control-client.ts';
import type { HaltConfig } from './config.ts';
import { COMMAND } from './lines.ts';

export interface Waiting {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly print: (line: string) => void;
}

/** How a wait for the venue ended. */
export type Confirmation =
  | { readonly kind: 'Confirmed'; readonly line: string }
  /** The process no longer has the halt of this program: somebody lifted it, or a newer request replaced it. */
  | { readonly kind: 'Lifted'; readonly line: string }
  | { readonly kind: 'TimedOut'; readonly line: string };

const EVERY_MS = 1_000;
/**
 * A request that was sent just before the halt may still create an order: the venue accepts it for at most 2 s, and a
 * timestamp that is up to 1 s ahead. A list from before that confirms nothing.
 */
const SETTLED_MS = 3_000;

/** Asks the process each second, until the venue has listed no open order of the stack since the halt. */
export async function awaitConfirmation(
  config: HaltConfig,
  { clock, timeoutMs, print }: Waiting,
): Promise<Confirmation> {
  const haltedMs = clock.monotonicMs();
  for (;;) {
    await clock.sleep(EVERY_MS);
    const askedMs = clock.monotonicMs() - haltedMs;
    const outcome = judge(await readStatus(config), askedMs);
    if (outcome.kind !== 'Waiting') return outcome;
    const { line } = outcome;
    if (askedMs + EVERY_MS > timeoutMs) return { kind: 'TimedOut', line };
    print(`${Math.round(askedMs / 1_000)} s: ${line}`);
  }
}

type Judged = Confirmation | { readonly kind: 'Waiting'; readonly line: string };

/** `sinceMs`: how long before this answer was requested the halt had been applied. Pure. */
function judge(status: Statusz | string, sinceMs: number): Judged {
  if (typeof status === 'string') return { kind: 'Waiting', line: `the process does not answer: ${status}` };
  const { trading, sender } = status;
  if (trading?.state !== 'Halted') return { kind: 'Lifted', line: `the trading state is ${trading?.state}` };
  const own = trading.sources.find(({ source }) => source === COMMAND);
  if (own?.state !== 'Halted') return { kind: 'Lifted', line: describeReplaced(own) };
  return judgeList(sender?.openOrders, sinceMs);
}

/** The halt of another source confirms nothing: when it is lifted, orders are sent again. */
function describeReplaced(own: SourceState | undefined): string {
  const request =
    own === undefined
      ? `source ${COMMAND} asks for nothing`
      : `source ${COMMAND} asks for ${own.state}, by ${own.author}: ${own.reason}`;
  return `${request}. The trading state is Halted because of other sources`;
}

function judgeList(list: SenderStatus['openOrders'], sinceMs: number): Judged {
  if (list === undefined || list === null)
    return { kind: 'Waiting', line: 'the venue has not listed the open orders yet' };
  const line = describeList(list);
  if (list.count > 0) return { kind: 'Waiting', line };
  if (sinceMs - list.ageMs >= SETTLED_MS) return { kind: 'Confirmed', line };
  return { kind: 'Waiting', line: `${line}; waiting for requests that were on their way` };
}

function describeList({ count, ageMs }: NonNullable<SenderStatus['openOrders']>): string {
  const orders = count === 1 ? '1 order is' : `${count === 0 ? 'no' : count} orders are`;
  return `${orders} open at the venue (listed ${(ageMs / 1_000).toFixed(1)} s ago)`;
}
