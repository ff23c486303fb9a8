import { RULES, type Rules } from './rules.ts';
import { TICK_MS, TIMING } from './timing.ts';
import type { Bounds } from './world.ts';

/** A rule of the swap that is missing, and the invariant that the model must find broken then. */
export interface Defect {
  readonly name: string;
  readonly change: Partial<Rules>;
  readonly breaks: 'I1' | 'I3' | 'One sender' | 'Known' | 'Fence' | 'Permit' | 'Recorded' | 'Resolved';
  readonly bounds?: Partial<Bounds>;
}

const COMMITS_ALWAYS: Partial<Rules> = { commits: () => true };
const DRAINS_AT_ONCE: Partial<Rules> = {
  whyNotDrained: (facts) => RULES.whyNotDrained({ ...facts, inFlight: 0, unanswered: [] }),
};
const WAITS_FOR_NOTHING: Partial<Rules> = { windowHasPassed: (grant) => grant !== undefined };

/** One rule is missing in each. */
export const DEFECTS: readonly Defect[] = [
  {
    name: 'an intent without the check of the fence',
    change: COMMITS_ALWAYS,
    breaks: 'One sender',
    bounds: { faults: 1 },
  },
  { name: 'an intent without the check of the fence', change: COMMITS_ALWAYS, breaks: 'I3', bounds: { faults: 1 } },
  { name: 'a drain that does not wait for requests in flight', change: DRAINS_AT_ONCE, breaks: 'One sender' },
  { name: 'a drain that does not wait for requests in flight', change: DRAINS_AT_ONCE, breaks: 'I3' },
  { name: 'no wait for the window after an unclean drain', change: WAITS_FOR_NOTHING, breaks: 'One sender' },
  { name: 'no wait for the window after an unclean drain', change: WAITS_FOR_NOTHING, breaks: 'I3' },
  {
    name: 'a wait for the window alone, without the error of the clocks',
    change: {
      windowHasPassed: (grant) => grant !== undefined && (grant.drained || grant.age * TICK_MS >= TIMING.recvWindowMs),
    },
    breaks: 'One sender',
  },
  {
    name: 'a drain that does not wait for orders without an answer',
    change: { whyNotDrained: (facts) => RULES.whyNotDrained({ ...facts, unanswered: [] }) },
    breaks: 'One sender',
    bounds: { faults: 1 },
  },
  {
    name: 'a release of the fence by a process that does not hold it',
    change: { release: () => true },
    breaks: 'One sender',
    bounds: { changes: 1, epochs: 3 },
  },
  {
    name: 'a fence that is set without being compared',
    change: {
      raise: (row, wanted) => ({ granted: true, before: row, after: wanted }),
      raisesOnly: false,
    },
    breaks: 'Fence',
    bounds: { orders: 1, faults: 2 },
  },
  { name: 'a signature at the time of the write', change: { signsAtCommit: false }, breaks: 'One sender' },
  {
    name: 'a request that is sent again without a reply',
    change: { sendsAgain: true },
    breaks: 'I1',
    bounds: { faults: 1 },
  },
  {
    name: 'an order that has not arrived as soon as it is not found',
    change: { mayConclude: () => true },
    breaks: 'Known',
    bounds: { faults: 1 },
  },
  {
    // Either alone keeps a paused process from sending.
    name: 'a permit and a signature of any age',
    change: {
      maySend: ({ sender }, role) => (role ?? sender.role) === 'active',
      isSignedLongAgo: () => false,
    },
    breaks: 'Permit',
  },
  { name: 'orders of older senders that are not asked for', change: { asksFirst: false }, breaks: 'Resolved' },
  { name: 'a transition that is not recorded first', change: { recordsFirst: false }, breaks: 'Recorded' },
];
