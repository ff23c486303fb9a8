import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type ExecutionMetrics = ReturnType<typeof createExecutionMetrics>;

/** Labels are closed lists of the core: states, reply kinds, kinds of findings, frames and repeats. */
export function createExecutionMetrics(registry: Registry) {
  const registers = [registry];
  return {
    states: new Counter({
      name: 'tradingstack_execution_order_states_total',
      help: 'Steps of orders, by the state they led to.',
      labelNames: ['state'],
      registers,
    }),
    fills: new Counter({
      name: 'tradingstack_execution_fills_total',
      help: 'Fills recorded; late ones came after the order had ended or exceed it.',
      labelNames: ['late'],
      registers,
    }),
    replies: new Counter({
      name: 'tradingstack_execution_place_replies_total',
      help: 'Outcomes of requests that create an order, by kind.',
      labelNames: ['kind'],
      registers,
    }),
    findings: new Counter({
      name: 'tradingstack_execution_findings_total',
      help: 'What reconciling found: adopted, quarantined, contradictory and missing orders, foreign fills.',
      labelNames: ['kind'],
      registers,
    }),
    privateFrames: new Counter({
      name: 'tradingstack_execution_private_frames_total',
      help: 'Frames of the private stream that tell nothing of ours: unreadable ones, and those of pairs that are not traded here.',
      labelNames: ['kind'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'tradingstack_execution_dead_letters_total',
      help: 'Unreadable frames by what became of their payload.',
      labelNames: ['outcome'],
      registers,
    }),
    outboxRepeats: new Counter({
      name: 'tradingstack_execution_outbox_repeats_total',
      help: 'Messages of the outbox that Redis had already, or whose id is not above the last one of the stream.',
      labelNames: ['kind'],
      registers,
    }),
    malformedApprovals: new Counter({
      name: 'tradingstack_execution_malformed_approvals_total',
      help: 'Approvals in the database that cannot be read, each counted once a process: they are never sent.',
      registers,
    }),
    unknownOrders: new Gauge({
      name: 'tradingstack_execution_unknown_orders',
      help: 'Orders whose outcome is not known now.',
      registers,
    }),
    sendSeconds: new Histogram({
      name: 'tradingstack_execution_send_seconds',
      help: 'From taking up an approval to the reply of the venue.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
  };
}
