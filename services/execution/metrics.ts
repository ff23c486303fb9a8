import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type ExecutionMetrics = ReturnType<typeof createExecutionMetrics>;

/**
 * Creates the metrics of execution. Label values are closed lists: states, owners, and kinds of replies, findings,
 * frames and repeats.
 */
export function createExecutionMetrics(registry: Registry) {
  const registers = [registry];
  return {
    states: new Counter({
      name: 'tradingstack_execution_order_states_total',
      help: 'Order state changes, by new state.',
      labelNames: ['state'],
      registers,
    }),
    fills: new Counter({
      name: 'tradingstack_execution_fills_total',
      help: 'Fills recorded. A late fill arrived after its order had ended, or exceeds the order quantity.',
      labelNames: ['late'],
      registers,
    }),
    replies: new Counter({
      name: 'tradingstack_execution_place_replies_total',
      help: 'Replies to requests that place an order, by kind.',
      labelNames: ['kind'],
      registers,
    }),
    ...createFindingMetrics(registers),
    ...createApprovalMetrics(registers),
    privateFrames: new Counter({
      name: 'tradingstack_execution_private_frames_total',
      help: 'Private stream frames that were not used: unreadable, of pairs not traded here, or too many to record.',
      labelNames: ['kind'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'tradingstack_execution_dead_letters_total',
      help: 'Unreadable frames, by whether their payload was stored as a dead letter.',
      labelNames: ['outcome'],
      registers,
    }),
    openDeadLetters: new Gauge({
      name: 'tradingstack_execution_open_dead_letters',
      help: 'Fills, observations of orders, rows and approvals that cannot be processed and are set apart, by kind.',
      labelNames: ['kind'],
      registers,
    }),
    outboxRepeats: new Counter({
      name: 'tradingstack_execution_outbox_repeats_total',
      help: 'Outbox messages that Redis already had, or whose ID is not above the last ID of the stream.',
      labelNames: ['kind'],
      registers,
    }),
    unknownOrders: new Gauge({
      name: 'tradingstack_execution_unknown_orders',
      help: 'Orders whose outcome is unknown.',
      registers,
    }),
    sendSeconds: new Histogram({
      name: 'tradingstack_execution_send_seconds',
      help: 'Seconds from the start of the intent commit to the reply of the venue.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
  };
}

/** Approvals that are not sent. */
function createApprovalMetrics(registers: Registry[]) {
  return {
    malformedApprovals: new Counter({
      name: 'tradingstack_execution_malformed_approvals_total',
      help: 'Approvals in the database that cannot be parsed and are never sent. Each process counts one once.',
      registers,
    }),
    rehearsedApprovals: new Counter({
      name: 'tradingstack_execution_rehearsed_approvals_total',
      help: 'Waiting approvals that a process which does not send could admit, or why not, at each rehearsal.',
      labelNames: ['result'],
      registers,
    }),
    otherReleases: new Counter({
      name: 'tradingstack_execution_other_release_entries_total',
      help: 'Entries never sent, because another release of risk than the one that approved them was active, or none.',
      labelNames: ['reason'],
      registers,
    }),
  };
}

/** What a reconcile finds at the venue. */
function createFindingMetrics(registers: Registry[]) {
  return {
    findings: new Counter({
      name: 'tradingstack_execution_findings_total',
      help: 'Reconcile findings: adopted, quarantined, contradictory and missing orders, and foreign fills.',
      labelNames: ['kind'],
      registers,
    }),
    foreignOrders: new Gauge({
      name: 'tradingstack_execution_foreign_orders',
      help: 'Open orders on our instruments without the tag of the stack, by owner: OtherStack of this product, or Other.',
      labelNames: ['owner'],
      registers,
    }),
  };
}
