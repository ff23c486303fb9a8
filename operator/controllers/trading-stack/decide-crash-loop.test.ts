import { beforeEach, expect, it } from 'vitest';
import { FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { decideFor, edited, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { afterDecision, releaseOf, withWorkloadsUp } from '../../../test/fixtures/stack-observation.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

const CRASHED = { reason: 'Error', message: 'exit code 1, restarts: 3' };
const BACK_OFF = { reason: 'CrashLoopBackOff', message: 'back-off 20s restarting failed container' };
const SILENT = { kind: 'Silent', message: 'no answer from /statusz: connect ECONNREFUSED' } as const;
const DEADLINE_MS = 300_000;
const NEW = {
  rollout: { soakSeconds: 1 },
  execution: { swap: { postSwitchSoakSeconds: 0 } },
  release: { image: 'registry.example.com/tradingstack:2', version: '2' },
};
const running = runningStack();
const good = releaseOf(running).hash;
let senders: FakeSenders;

beforeEach(() => {
  senders = new FakeSenders();
});

/** What Kubernetes and the process show at each moment of a crash loop. */
const MOMENTS = {
  'has just ended, and its last answer still counts': { ended: CRASHED, endedRecently: true },
  'waits for its restart': { ended: CRASHED, waiting: BACK_OFF, ready: false, answer: SILENT },
  'starts again': { ended: CRASHED, endedRecently: true, ready: false, answer: SILENT },
  'answers, and is ready': { ended: CRASHED, endedRecently: true },
} as const satisfies Readonly<Record<string, Partial<ObservedPod>>>;

/** Reconciles while the process of ws in the new release is at one moment of its crash loop. */
function crashing(before: Observation, moment: Partial<ObservedPod>, count: number): Observation {
  let current = before;
  for (let index = 0; index < count; index += 1) {
    const decision = decideFor(current);
    senders.obey(decision);
    const up = withWorkloadsUp(afterDecision(current, decision), senders.report);
    const isBad = ({ service, release }: { readonly service: string; readonly release: string }) =>
      service === 'ws' && releaseOf(running).tiers.every((tier) => tier.services.every(({ hash }) => hash !== release));
    const pods = up.pods.map((pod) => (isBad(pod) ? { ...pod, ...moment } : pod));
    current = { ...up, pods, nowMs: up.nowMs + 1_000 };
  }
  return current;
}

it.each(Object.entries(MOMENTS))(
  'a release whose process %s at the deadline is rolled back for how it ended',
  (_what, moment) => {
    const stuck = crashing(edited(running, NEW), moment, 12);
    expect(stuck.stack.status).toMatchObject({
      phase: 'Progressing',
      blockedBy: 'data/DeploymentAvailable ws: Error - exit code 1, restarts: 3',
    });
    const back = crashing({ ...stuck, nowMs: stuck.nowMs + DEADLINE_MS }, moment, 16);
    const { phase, release, blockedBy } = back.stack.status;
    expect(phase).toBe('Stalled');
    expect(release).toMatchObject({
      target: good,
      failed: { reason: 'Error', message: 'data/DeploymentAvailable ws: Error - exit code 1, restarts: 3' },
    });
    expect(blockedBy).toBe(
      `release: RolledBack - data/DeploymentAvailable ws: Error - exit code 1, restarts: 3; release ${good} runs again`,
    );
    expect(release?.history?.map(({ version, reason }) => `${version} ${reason}`)).toEqual([
      '1.0.0 RolledBack',
      '2 Changed',
      '1.0.0 Installed',
    ]);
  },
);
