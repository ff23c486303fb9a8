import type { Clock } from '../shared/runtime/clock.ts';
import { messageOf } from '../shared/runtime/errors.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { afterAttempt, afterRefusal, type Attempts } from './core/exits/attempts.ts';
import type { ExitPlan } from './core/exits/exit-plan.ts';
import { heldBy, keyOf } from './core/holdings.ts';
import type { RiskState, Signal } from './core/risk-state.ts';
import type { Decided, RiskStore } from './ports.ts';
import type { RiskService } from './service.ts';

interface ExitAttemptOptions {
  readonly store: Pick<RiskStore, 'refusedOrders'>;
  readonly service: Pick<RiskService, 'onExit'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Decides an exit, and notes the attempt. Never rejects: an exit that cannot be decided holds up no other one. It is
 * tried again like one that was refused.
 */
export async function attemptExit(
  { service, clock, log }: ExitAttemptOptions,
  attempts: Map<string, Attempts>,
  state: Omit<RiskState, 'market'>,
  signal: Signal,
): Promise<void> {
  const key = keyOf(signal);
  const before = attempts.get(key);
  const next = { atMs: clock.monotonicMs(), held: heldBy(state, signal.strategy, signal.symbol), refusal: undefined };
  const made = afterAttempt(before, next);
  attempts.set(key, made);
  const decided = await service.onExit(signal).catch((error: unknown) => {
    log.warn({ strategy: signal.strategy, symbol: signal.symbol, err: error }, 'exit not decided');
    return messageOf(error);
  });
  if (typeof decided === 'string') {
    attempts.set(key, { ...made, refusal: { reason: 'ExitNotDecided', message: decided } });
    return;
  }
  // Another process, or the signal itself, was first, or our own buy came between: there was no attempt.
  if (decided.kind === 'New' && decided.decision.code !== 'SelfTrade')
    attempts.set(key, { ...made, refusal: refusalOf(decided), orderId: decided.decision.order?.clientOrderId });
  else if (before === undefined) attempts.delete(key);
  else attempts.set(key, before);
}

function refusalOf({ decision }: Extract<Decided, { kind: 'New' }>): Attempts['refusal'] {
  return decision.order === undefined ? { reason: decision.code, message: decision.detail } : undefined;
}

/**
 * Notes which of the last attempts the venue rejected, or execution did not send. Call it after the account was read:
 * an order that it does not have any more has ended. Never rejects: without it, exits go on as if they had not filled.
 */
export async function noteRefusals({ store, log }: ExitAttemptOptions, attempts: Map<string, Attempts>): Promise<void> {
  const open = [...attempts].flatMap(([key, last]) =>
    last.orderId === undefined || (last.refusal ?? last.unsent) !== undefined ? [] : [{ key, last, id: last.orderId }],
  );
  if (open.length === 0) return;
  try {
    const refused = await store.refusedOrders(open.map(({ id }) => id));
    for (const { key, last, id } of open) {
      const order = refused.get(id);
      if (order !== undefined) attempts.set(key, afterRefusal(last, order));
    }
  } catch (error) {
    log.warn({ err: error }, 'reading what became of exits failed');
  }
}

/** A position that is closed, or wanted again, starts with the first wait when it should be left another time. */
export function forgetLeft(attempts: Map<string, Attempts>, { open, dust }: ExitPlan): void {
  const leaving = new Set([...open, ...dust].map(keyOf));
  for (const key of attempts.keys()) if (!leaving.has(key)) attempts.delete(key);
}
