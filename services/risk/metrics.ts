import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type RiskMetrics = ReturnType<typeof createRiskMetrics>;

/** Creates the metrics of risk. Codes come from the core's closed list, so the labels are bounded. */
export function createRiskMetrics(registry: Registry) {
  return {
    decisions: new Counter({
      name: 'tradingstack_risk_decisions_total',
      help: 'Signals decided, by outcome and code.',
      labelNames: ['outcome', 'code'],
      registers: [registry],
    }),
    repeated: new Counter({
      name: 'tradingstack_risk_repeated_signals_total',
      help: 'Signals that were delivered again after their decision.',
      registers: [registry],
    }),
    unpublished: new Counter({
      name: 'tradingstack_risk_unpublished_approvals_total',
      help: 'Approvals that Redis did not confirm; execution finds them in Postgres.',
      registers: [registry],
    }),
    leaving: new Gauge({
      name: 'tradingstack_risk_leaving_positions',
      help: 'Positions that should be closed and are not, without dust.',
      registers: [registry],
    }),
    leavingSeconds: new Gauge({
      name: 'tradingstack_risk_leaving_oldest_seconds',
      help: 'Since when the oldest of these positions should have been left.',
      registers: [registry],
    }),
    dust: new Gauge({
      name: 'tradingstack_risk_dust_positions',
      help: "Positions that should be closed and cannot be sold: below the venue's minimum, or not in the account.",
      registers: [registry],
    }),
    unjudged: new Gauge({
      name: 'tradingstack_risk_unjudged_stops',
      help: 'Positions with a stop that has no price to be judged by.',
      registers: [registry],
    }),
    unreadRows: new Gauge({
      name: 'tradingstack_risk_unread_rows',
      help: 'Rows of the account that cannot be read. Entries that they concern are refused.',
      registers: [registry],
    }),
    abandoned: new Gauge({
      name: 'tradingstack_risk_abandoned_positions',
      help: 'Positions that no strategy decides on, or whose coins the account has not.',
      registers: [registry],
    }),
    ...breakerMetrics(registry),
    decisionSeconds: new Histogram({
      name: 'tradingstack_risk_decision_seconds',
      help: 'Time from reading a signal to its committed decision.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
      registers: [registry],
    }),
  };
}

function breakerMetrics(registry: Registry) {
  return {
    breakers: new Gauge({
      name: 'tradingstack_risk_tripped_breakers',
      help: 'Breakers that have tripped and not left, by breaker.',
      labelNames: ['breaker'],
      registers: [registry],
    }),
    equity: new Gauge({
      name: 'tradingstack_risk_equity',
      help: 'Value of the account in risk.currency; NaN while it is unknown.',
      registers: [registry],
    }),
    dayProfit: new Gauge({
      name: 'tradingstack_risk_day_profit',
      help: 'Profit since the first equity of the UTC day in risk.currency, with fees; NaN while it is unknown.',
      registers: [registry],
    }),
    drawdown: new Gauge({
      name: 'tradingstack_risk_drawdown_percent',
      help: 'Distance of the equity from its peak, in percent; NaN while it is unknown.',
      registers: [registry],
    }),
  };
}
