import { describe, expect, it } from 'vitest';
import {
  conditionOf,
  decided,
  messageOf,
  ofExecution,
  SILENT,
  withPods,
  withSpec,
} from '../../../test/fixtures/decided-status.ts';
import { decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import {
  afterDecision,
  allSecrets,
  obeyed,
  tradingReports,
  withWorkloadsDown,
} from '../../../test/fixtures/stack-observation.ts';
import type { Problem } from '../../../services/shared/domain/problem.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

/**
 * What each field of the status shows while an observer is silent. The rows "operator just started" and "API server
 * unavailable" are in status-age.kube.test.ts: such an operator writes nothing, and `observedAt` shows the age.
 */
const running = withPods(runningStack(), listsOrders);
const DESK = { source: 'desk', state: 'Reducing', author: 'ada', reason: '', revision: 0, sinceMs: 0 } as const;
const halted = haltedStack();

/** A halt by the spec beside a row of the database, as the status has it already, with no order left at the venue. */
function haltedStack(): Observation {
  const halting = withSpec(running, { halt: true });
  const { sources } = obeyed(halting);
  const state = tradingReports({ state: 'Halted', sources: [...sources, DESK], persisted: true });
  const first = withPods(halting, (pod) => listsOrders(state(pod)));
  return afterDecision(first, decideFor(first));
}

/** The sender has just read from the venue that no order is open. */
function listsOrders(pod: ObservedPod): ObservedPod {
  if (pod.answer.kind === 'Silent' || pod.answer.statusz.sender === undefined) return pod;
  const sender = { ...pod.answer.statusz.sender, openOrders: { count: 0, ageMs: 0 } };
  return { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, sender } } };
}

const allGone = (base: Observation): Observation => withWorkloadsDown({ ...base, pods: [] });
const silent = (base: Observation): Observation => withPods(base, ofExecution(SILENT));
const silentFeed = (base: Observation): Observation =>
  withPods(base, (pod) => (pod.service === 'ws' ? { ...pod, ...SILENT } : pod));
const partialFeed = (base: Observation): Observation =>
  withPods(base, (pod) => withCheck(pod, 'ws', { reason: 'SymbolUnknown', message: 'GONE/ETH is not listed' }));
const terminating = (base: Observation): Observation => withPods(base, ofExecution({ deleting: true }));
const withoutSecret = (base: Observation): Observation => ({
  ...base,
  secrets: new Map([...allSecrets()].filter(([name]) => name !== 'platform-db-writer')),
});
const postgresDown = (base: Observation): Observation =>
  withWorkloadsDown(withPods(base, withoutPostgres), new Set(['db-writer', 'risk', 'execution']));

/** A process of the service, one check of which passes in part only. */
function withCheck(pod: ObservedPod, service: string, problem: Problem): ObservedPod {
  if (pod.service !== service || pod.answer.kind === 'Silent') return pod;
  const { statusz } = pod.answer;
  const checks = [...statusz.checks, { name: 'instruments', ok: true, ...problem }];
  return { ...pod, answer: { ...pod.answer, statusz: { ...statusz, checks } } };
}

/** A process that cannot reach Postgres: its check fails, it is not ready, and the sender has no permit. */
function withoutPostgres(pod: ObservedPod): ObservedPod {
  if (!['db-writer', 'risk', 'execution'].includes(pod.service) || pod.answer.kind === 'Silent') return pod;
  const { sender, ...statusz } = pod.answer.statusz;
  const checks = [{ name: 'postgres', ok: false, reason: 'PostgresUnavailable', message: 'connection refused' }];
  const obstacle = { reason: 'PermitExpired', message: 'the fence was read 9 s ago' };
  const blocked = sender === undefined ? {} : { sender: { ...sender, maySend: false, obstacle } };
  return { ...pod, ready: false, answer: { ...pod.answer, statusz: { ...statusz, ...blocked, ready: false, checks } } };
}

/** The fields as a table shows them; lists as text. */
function shown({ release, tiers = [], services = [], conditions = [], ...status }: TradingStackStatus): object {
  const isDegraded = ({ state }: { readonly state: string }): boolean => state === 'Degraded';
  return {
    phase: status.phase,
    mode: status.mode,
    ready: status.ready,
    blockedBy: status.blockedBy,
    isCurrent: release !== undefined && release.desired === release.current,
    degraded: tiers.filter(isDegraded).map(({ name }) => name),
    services: services.filter(({ message }) => message !== '').map(({ name, ready }) => `${name} ${ready}`),
    active: status.execution?.active,
    epoch: status.execution?.epoch,
    ...shownTrading(status),
    conditions: conditions.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`),
  };
}

function shownTrading({ trading, halt }: TradingStackStatus): object {
  return {
    trading: `${trading?.requested} ${trading?.state}`,
    sources: trading?.sources.map(({ source, state }) => `${source} ${state}`),
    haltActive: halt?.active,
    openOrders: halt?.confirmed?.openOrders,
  };
}

const ALL = CATALOGUE.length;
const WORKLOADS = CATALOGUE.filter(({ update }) => update !== 'Job');

const EXPECTED = {
  phase: 'Running',
  mode: 'Paper',
  ready: `${ALL}/${ALL}`,
  blockedBy: undefined,
  isCurrent: true,
  degraded: [],
  services: [],
  active: 'blue',
  epoch: 1,
};
const conditions = (ready: string, available: string, halt: string, degraded: string): readonly string[] => [
  `Ready ${ready}`,
  'Reconciling False AsExpected',
  'Stalled False AsExpected',
  `Available ${available}`,
  `Halted ${halt}`,
  `Degraded ${degraded}`,
  'Suspended False NotSuspended',
];
const PASSED = 'True AllTiersPassed';
const SENDING = 'True SenderActive';
const GATE_FAILED = 'True GateFailed';
const AS_EXPECTED = 'False AsExpected';
const AFTER_FOUNDATION = ['venue', 'data', 'strategy', 'risk', 'execution'];

interface Row {
  readonly observed: (base: Observation) => Observation;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly ready: string;
  readonly available: string;
  readonly degraded: string;
  /** Trading state that the processes report, and the condition Halted, during a halt. */
  readonly state: string;
  readonly halt: string;
  /** Open orders that the halt shows; undefined while nobody lists them. */
  readonly openOrders: number | undefined;
}

const CONFIRMED = 'True HaltRequested';
const UNCONFIRMED = 'Unknown HaltUnconfirmed';
const STATE_UNKNOWN = 'Unknown StateUnknown';

const ROWS: Readonly<Record<string, Row>> = {
  'nothing is wrong': {
    observed: (base) => base,
    fields: {},
    ready: PASSED,
    available: SENDING,
    degraded: AS_EXPECTED,
    state: 'Halted',
    halt: CONFIRMED,
    openOrders: 0,
  },
  'all pods are gone': {
    observed: allGone,
    fields: {
      phase: 'Degraded',
      ready: `${ALL - WORKLOADS.length}/${ALL}`,
      blockedBy: 'venue/DeploymentAvailable exchange-simulator: PodsStarting - 0 of 1 pods available',
      degraded: AFTER_FOUNDATION,
      services: WORKLOADS.map(({ name }) => `${name} 0`),
      active: 'none',
    },
    ready: 'False PodsStarting',
    available: 'False SenderInactive',
    degraded: GATE_FAILED,
    state: 'Unknown',
    halt: UNCONFIRMED,
    openOrders: undefined,
  },
  'execution is silent': {
    observed: silent,
    fields: {
      phase: 'Degraded',
      ready: `${ALL - 1}/${ALL}`,
      blockedBy: 'execution/PodsReportRelease execution: NoAnswer - demo-execution-1: timed out',
      degraded: ['execution'],
      services: ['execution 2'],
      active: 'Unknown',
    },
    ready: 'False NoAnswer',
    available: 'Unknown SenderUnknown',
    degraded: GATE_FAILED,
    state: 'Unknown',
    halt: UNCONFIRMED,
    openOrders: undefined,
  },
  'the feed is silent': {
    observed: silentFeed,
    fields: {
      phase: 'Degraded',
      ready: `${ALL - 1}/${ALL}`,
      blockedBy: 'data/PodsReportRelease ws: NoAnswer - demo-ws-1: timed out',
      degraded: ['data'],
      services: ['ws 1'],
    },
    ready: 'False NoAnswer',
    available: 'False FeedStale',
    degraded: GATE_FAILED,
    state: 'Halted',
    halt: CONFIRMED,
    openOrders: 0,
  },
  'the venue does not list one of the pairs': {
    observed: partialFeed,
    fields: {},
    ready: PASSED,
    available: SENDING,
    degraded: 'True SymbolUnknown',
    state: 'Halted',
    halt: CONFIRMED,
    openOrders: 0,
  },
  'the pod of execution terminates and still sends': {
    observed: terminating,
    fields: {
      phase: 'Degraded',
      ready: `${ALL - 1}/${ALL}`,
      blockedBy: 'execution/PodsReportRelease execution: NoPods - 0 of 2 pods',
      degraded: ['execution'],
      services: ['execution 0'],
    },
    ready: 'False NoPods',
    available: SENDING,
    degraded: GATE_FAILED,
    state: 'Halted',
    halt: CONFIRMED,
    openOrders: 0,
  },
  'a Secret is missing': {
    observed: withoutSecret,
    fields: {
      phase: 'Degraded',
      blockedBy: expect.stringMatching(/^data\/SecretsPresent db-writer: SecretMissing - Secret platform-db-writer /),
    },
    ready: 'False SecretMissing',
    available: SENDING,
    degraded: GATE_FAILED,
    state: 'Halted',
    halt: CONFIRMED,
    openOrders: 0,
  },
  'Postgres is down': {
    observed: postgresDown,
    fields: {
      phase: 'Degraded',
      ready: `${ALL - 3}/${ALL}`,
      blockedBy: 'data/DeploymentAvailable db-writer: PostgresUnavailable - postgres: connection refused',
      degraded: ['data', 'risk', 'execution'],
      services: ['db-writer 0', 'risk 0', 'execution 0'],
    },
    ready: 'False PostgresUnavailable',
    available: 'False SenderBlocked',
    degraded: GATE_FAILED,
    state: 'Halted',
    halt: CONFIRMED,
    openOrders: 0,
  },
};

describe.each(Object.entries(ROWS))('while %s', (_what, row) => {
  const { observed, fields, ready, available, degraded } = row;

  it('shows a trading stack as it was observed', () => {
    expect(shown(decided(observed(running)))).toEqual({
      ...EXPECTED,
      ...fields,
      trading: `Active ${row.state === 'Unknown' ? 'Unknown' : 'Active'}`,
      sources: [],
      haltActive: false,
      openOrders: undefined,
      conditions: conditions(ready, available, row.state === 'Unknown' ? STATE_UNKNOWN : 'False NotHalted', degraded),
    });
  });

  it('shows a halted stack as it was observed', () => {
    expect(shown(decided(observed(halted)))).toEqual({
      ...EXPECTED,
      ...fields,
      trading: `Halted ${row.state}`,
      sources: ['spec Halted', 'desk Reducing'],
      haltActive: row.halt === CONFIRMED,
      openOrders: row.openOrders,
      conditions: conditions(ready, available, row.halt, degraded),
    });
  });
});

describe('condition Degraded while a process serves only some of its pairs', () => {
  const gone = (message: string) => (pod: ObservedPod) => withCheck(pod, 'ws', { reason: 'SymbolUnknown', message });

  it('names the service, the check, the pair and the cause', () => {
    const status = decided(partialFeed(running));
    expect(messageOf(status, 'Degraded')).toBe('ws instruments: GONE/ETH is not listed');
    expect(status.phase).toBe('Running');
  });

  it('gives way to a gate that fails', () => {
    expect(conditionOf(decided(silent(partialFeed(running))), 'Degraded')).toBe('True GateFailed');
  });

  it('is not rewritten while only an age in the message grows', () => {
    const first = decided(withPods(running, gone('GONE/ETH: no depth for 3000 ms')));
    const base = { ...running, stack: { ...running.stack, status: first } };
    expect(decided(withPods(base, gone('GONE/ETH: no depth for 9000 ms')))).toEqual(first);
    const other = decided(withPods(base, gone('ADA/ETH: no depth for 9000 ms')));
    expect(messageOf(other, 'Degraded')).toContain('ADA/ETH');
  });

  it('ignores a process that is being deleted', () => {
    const leaving = withPods(partialFeed(running), (pod) => (pod.service === 'ws' ? { ...pod, deleting: true } : pod));
    expect(conditionOf(decided(leaving), 'Degraded')).not.toBe('True SymbolUnknown');
  });
});
