import type { SenderStatus, Statusz } from '../../services/shared/contracts/statusz.ts';

/**
 * Text that is equal for two answers of a process exactly if nothing changed that a decision may depend on. Figures,
 * ages and messages, which contain ages, are left out: they differ in every answer. So are the exits, which change with
 * each bar and attempt, and which nothing is decided by. Of the open orders it matters whether there are any, because
 * their number changes with each order of a busy stack, and so does the time of the last one. A field that is added
 * later counts.
 */
export function significantStatus({ figures: _figures, exits: _exits, checks, sender, ...rest }: Statusz): string {
  return JSON.stringify([rest, checks.map(({ message: _message, ...check }) => check), significantSender(sender)]);
}

function significantSender(sender: SenderStatus | undefined): unknown {
  if (sender === undefined) return null;
  const { permitAgeMs, obstacle, openOrders, firstSentMs, lastSentMs: _lastSent, evidence, ...rest } = sender;
  const hasSent = typeof firstSentMs === 'number';
  return [
    [rest, typeof permitAgeMs === 'number', obstacle?.reason ?? null, ordersIn(openOrders)],
    [hasSent, troublesIn(evidence)],
  ];
}

/** A sender on probation is judged each second, whatever it answers. Orders that go well make no difference before. */
function troublesIn(evidence: SenderStatus['evidence']): unknown {
  if (evidence === undefined || evidence === null) return evidence;
  const { unknownOrders, overdueOrders, newDrifts } = evidence;
  return [unknownOrders > 0, overdueOrders > 0, newDrifts > 0];
}

function ordersIn(openOrders: SenderStatus['openOrders']): 'unknown' | 'none' | 'some' {
  if (openOrders === undefined || openOrders === null) return 'unknown';
  return openOrders.count === 0 ? 'none' : 'some';
}
