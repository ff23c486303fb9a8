/** What a sender that takes no order any more still has to wait for. */
export interface DrainFacts {
  /** False while requests of older senders may be on their way, or their orders are not compared with the venue. */
  readonly reconciled: boolean;
  /** Orders that are being committed or sent. */
  readonly inFlight: number;
  /** Orders that the venue has not answered for, or whose fills are on their way, by client order ID. */
  readonly unanswered: readonly string[];
  /** Instruments of orders whose commit was not answered. */
  readonly doubtful: readonly string[];
  /** Orders whose rows cannot be read, by client order ID: their outcomes are unknown. */
  readonly unreadable: readonly string[];
  /** Observations, and things that were set apart, which the record does not have yet. */
  readonly unrecorded: number;
  /** Orders that rest at the venue and are to be cancelled first. */
  readonly resting: number;
}

const NAMED = 3;

/**
 * Returns why the fence may not be released yet; undefined when it may. The next sender relies on it: it sends at once,
 * without a wait for requests of this one.
 */
export function whyNotDrained(facts: DrainFacts): string | undefined {
  const { reconciled, inFlight, unanswered, doubtful, unreadable, unrecorded, resting } = facts;
  if (!reconciled) return 'requests of older senders may be on their way to the venue';
  if (inFlight > 0) return `${inFlight} orders are being sent`;
  if (doubtful.length > 0) return `commits are not answered on ${named(doubtful)}`;
  if (unanswered.length > 0) return `the venue has not answered for ${unanswered.length} orders: ${named(unanswered)}`;
  if (unreadable.length > 0) return `${unreadable.length} orders cannot be read: ${named(unreadable)}`;
  if (resting > 0) return `${resting} orders are not cancelled yet`;
  return unrecorded > 0 ? `${unrecorded} observations are not recorded yet` : undefined;
}

function named(names: readonly string[]): string {
  return [...new Set(names)].slice(0, NAMED).join(', ');
}
