import { expect, it, onTestFinished } from 'vitest';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { SERVICE_LABEL, STACK_LABEL, TRADING_STATE_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import type { PostTradingState, TradingStateOutcome } from '../../pods/post-trading-state.ts';
import { createRequestSlots } from '../../pods/request-slots.ts';
import { createClaims } from './claim.ts';
import { createSeenRequests } from './observe/seen-requests.ts';
import { createStandbyHalts, type StandbyHaltsOptions } from './standby-halts.ts';

const KEY = 'trading/demo';
const STACK = { uid: 'u', generation: 2 };
const ACCEPTED: TradingStateOutcome = {
  kind: 'Accepted',
  body: { state: 'Halted', sources: [], persisted: true, openOrders: 0, reason: '' },
};
const UNANSWERED: TradingStateOutcome = { kind: 'Unanswered', reason: 'timed out' };

interface World {
  spec?: object;
  annotations?: Record<string, string>;
  status?: object;
  /** Seconds since the last write of the field. */
  ageSeconds?: number;
  services?: readonly string[];
  token?: string | undefined;
  isDeleted?: boolean;
}

/** A stack of which every process has the name of its service as its address; `other` is execution of another one. */
function setup(world: World = {}, outcome: (ip: string) => TradingStateOutcome = () => ACCEPTED) {
  const clock = virtualClock();
  const sent: string[] = [];
  let now: World = { token: 'secret', services: ['risk', 'execution'], ageSeconds: 0, ...world };
  const postTradingState: PostTradingState = async ({ ip }, { source, state, revision, copied }, token) => {
    sent.push(
      `${clock.monotonicMs()} ${ip} ${source} ${state} ${revision} ${copied === true ? 'copied ' : ''}${token}`,
    );
    return await Promise.resolve(outcome(ip));
  };
  const caches = {
    stacks: { get: () => (now.isDeleted === true ? undefined : stackOf(now, clock.nowMs())) },
    pods: { list: () => (now.services ?? []).map(podOf) },
    secrets: { get: () => (now.token === undefined ? undefined : { data: { token: btoa(now.token) } }) },
  } as unknown as StandbyHaltsOptions['caches'];
  const log = createLogger({ name: 'test', level: 'silent' });
  const seen = createSeenRequests();
  const slots = createRequestSlots(1);
  const claims = createClaims({ installation: 'a/operator', clock });
  const standby = createStandbyHalts({ caches, seen, claims, slots, postTradingState, clock, log });
  onTestFinished(async () => await standby.stop());
  const change = async (next: World): Promise<void> => {
    now = { ...now, ...next };
    standby.changed(KEY);
    await clock.advance(0);
  };
  return { clock, sent, seen, standby, change };
}

function stackOf({ spec = {}, annotations = {}, status = {}, ageSeconds = 0 }: World, nowMs: number) {
  const stack = sampleStack({ change: { ...spec } });
  const time = new Date(nowMs - ageSeconds * 1_000).toISOString();
  const fieldsV1 = {
    'f:spec': { 'f:halt': {}, 'f:tradingState': {} },
    'f:metadata': { 'f:annotations': { [`f:${TRADING_STATE_ANNOTATION}`]: {} } },
  };
  const metadata = {
    ...stack.metadata,
    uid: 'u',
    generation: 2,
    annotations,
    managedFields: [{ manager: 'kubectl', time, fieldsV1 }],
  };
  return { ...stack, metadata, status };
}

function podOf(service: string) {
  const [stack, label] = service === 'other' ? ['other', 'execution'] : ['demo', service];
  const labels = { [STACK_LABEL]: stack, [SERVICE_LABEL]: label };
  return { metadata: { name: service, uid: service, labels }, status: { phase: 'Running', podIP: service } };
}

const HALTS = ['0 risk spec Halted 1 copied secret', '0 execution spec Halted 1 copied secret'];

it('sends a new halt to every process that obeys it, once', async () => {
  const { clock, sent, change } = setup({ services: ['ws', 'risk', 'execution'] });
  await change({ spec: { halt: false } });
  expect(sent).toEqual([]);
  await change({ spec: { halt: true } });
  await change({ spec: { halt: true } });
  await clock.advance(10_000);
  expect(sent).toEqual(HALTS);
});

it('sends the halt of an annotation', async () => {
  const { sent, change } = setup({ services: ['execution'] });
  await change({ annotations: { [TRADING_STATE_ANNOTATION]: 'Halted' } });
  expect(sent).toEqual(['0 execution annotation Halted 1 copied secret']);
});

/** The start of the virtual clock. */
const NOW = new Date(virtualClock().nowMs()).toISOString();
const recorded = (state: string, revision: number) => ({
  trading: {
    sources: [{ source: 'spec', state, author: 'kubectl', reason: 'spec.halt', revision, since: NOW }],
  },
});

it.each<[string, World]>([
  ['a halt that the status has', { spec: { halt: true }, status: recorded('Halted', 3) }],
  ['a lift', { spec: { halt: false }, status: recorded('Halted', 3) }],
  ['a state that may lift another', { spec: { tradingState: 'Reducing' } }],
  ['a command that no process would accept', { spec: { halt: true }, token: undefined }],
])('leaves to the leader: %s', async (_what, world) => {
  const { sent, change } = setup();
  await change(world);
  expect(sent).toEqual([]);
});

it('sends nothing but the halt, and nothing to processes of another stack', async () => {
  const { sent, change } = setup({ services: ['execution', 'other'] });
  const [source] = recorded('Reducing', 2).trading.sources;
  const status = { trading: { sources: [{ ...source, source: 'spec-state' }] } };
  await change({ spec: { tradingState: 'Reducing', halt: true }, status });
  expect(sent).toEqual(['0 execution spec Halted 1 copied secret']);
});

it('gives the halt a revision above that of the status, as the leader does', async () => {
  const { sent, change } = setup({ services: ['execution'] });
  await change({ spec: { halt: true }, status: recorded('Active', 4) });
  expect(sent).toEqual(['0 execution spec Halted 5 copied secret']);
});

it('sends the halt to a process that starts later, and once its token is known', async () => {
  const { clock, sent, change } = setup({ services: [], token: undefined });
  await change({ spec: { halt: true } });
  await change({ services: ['execution'] });
  expect(sent).toEqual([]);
  await change({ token: 'other' });
  await clock.advance(1_000);
  expect(sent).toEqual(['1000 execution spec Halted 1 copied other']);
});

it('asks a process that does not answer again each second, while the halt is wanted and not recorded', async () => {
  const { clock, sent, change } = setup({}, (ip) => (ip === 'risk' ? UNANSWERED : ACCEPTED));
  await change({ spec: { halt: true } });
  await clock.advance(2_100);
  expect(sent).toEqual([...HALTS, '1000 risk spec Halted 1 copied secret', '2000 risk spec Halted 1 copied secret']);
});

it('asks a process again that refuses the token, with the token of then, and none that knows a newer request', async () => {
  const refused = (status: number): TradingStateOutcome => ({ kind: 'Refused', status, reason: '', body: undefined });
  const { clock, sent, change } = setup({}, (ip) => refused(ip === 'risk' ? 401 : 409));
  await change({ spec: { halt: true } });
  await change({ token: 'other' });
  await clock.advance(1_100);
  expect(sent).toEqual([...HALTS, '1000 risk spec Halted 1 copied other']);
});

it('knows what the resource showed, so that a lift right after the halt counts when this replica leads', async () => {
  const { seen, change } = setup();
  await change({ spec: { halt: true } });
  await change({ spec: { halt: false } });
  expect(seen.of(KEY, STACK)).toMatchObject([{ source: 'spec', state: 'Active', revision: 2 }]);
  expect(seen.of(KEY, { ...STACK, uid: 'other' })).toEqual([]);
});

it.each<[string, World]>([
  ['the leader has recorded it', { status: recorded('Halted', 1) }],
  ['it was lifted', { spec: { halt: false } }],
])('ends as soon as %s', async (_what, next) => {
  const { clock, sent, change } = setup({}, () => UNANSWERED);
  await change({ spec: { halt: true } });
  await change(next);
  await clock.advance(60_000);
  expect(sent).toEqual(HALTS);
});

it('sends nothing once the replica leads', async () => {
  const { clock, sent, seen, standby, change } = setup({}, () => UNANSWERED);
  await change({ spec: { halt: true } });
  await standby.stop();
  await change({ spec: { halt: true }, services: ['execution', 'risk'] });
  await clock.advance(60_000);
  expect(sent).toEqual(HALTS);
  await change({ spec: { halt: false } });
  expect(seen.of(KEY, STACK), 'what a replica that leads has seen').toMatchObject([{ state: 'Active', revision: 2 }]);
});

it('forgets a stack that was deleted', async () => {
  const { sent, seen, change } = setup({}, () => UNANSWERED);
  await change({ spec: { halt: true } });
  await change({ isDeleted: true });
  expect(seen.of(KEY, STACK)).toEqual([]);
  expect(sent).toEqual(HALTS);
});

it('does not count what only the processes have as seen', () => {
  const seen = createSeenRequests();
  const record = { source: 'spec', state: 'Halted', author: '', reason: '', revision: 1, since: NOW } as const;
  seen.note(KEY, STACK, [record, { ...record, source: 'annotation', unshown: true }]);
  expect(seen.of(KEY, STACK)).toEqual([record]);
  expect(seen.of(KEY, { ...STACK, generation: 3 })).toEqual([record]);
  expect(seen.of(KEY, { ...STACK, generation: 1 }), 'restored from a backup').toEqual([]);
});

it('sends nothing for a stack of another installation', async () => {
  const { sent, change } = setup({ spec: { halt: true }, status: { operator: 'b/operator' } });
  await change({});
  expect(sent).toEqual([]);
  await change({ status: { operator: 'a/operator' } });
  expect(sent).not.toEqual([]);
});
