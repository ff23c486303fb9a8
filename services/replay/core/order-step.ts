/** One step of an order; the first one is its intent. */
export interface OrderStep {
  readonly client_order_id: string;
  /** Of the sender that committed the intent. */
  readonly epoch: number;
  readonly symbol: string;
  readonly side: string;
  /** What the step led to. */
  readonly state: string;
  /** Of the commit, UTC milliseconds. */
  readonly at_ms: number;
}
