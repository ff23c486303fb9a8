/** One step of an order; the first one is its intent. */
export interface OrderStep {
  readonly client_order_id: string;
  /** Epoch of the sender that committed the intent. */
  readonly epoch: number;
  readonly symbol: string;
  readonly side: string;
  /** State after the step. */
  readonly state: string;
  /** Commit time, UTC milliseconds. */
  readonly at_ms: number;
}
