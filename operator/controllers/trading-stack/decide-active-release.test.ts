import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { decideFor, edited } from '../../../test/fixtures/reconciled-stack.ts';
import {
  afterDecision,
  serviceRelease,
  stackObservation,
  withWorkloadsUp,
} from '../../../test/fixtures/stack-observation.ts';
import { ACTIVATION_CHECK } from '../../../services/shared/contracts/statusz.ts';
import type { Decision } from './decision.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

const QUICK = { rollout: { soakSeconds: 0 }, execution: { swap: { postSwitchSoakSeconds: 0 } } };
const image = (tag: string, rest: object = {}) => ({
  ...QUICK,
  release: { image: `registry.example.com/tradingstack:${tag}`, version: tag },
  ...rest,
});

/** Plays the processes of risk and the row in the database, as the controller of Deployments runs them. */
class FakeRisk {
  readonly commands: string[] = [];
  row = { epoch: 0, release: '' };
  /** Whether the process of the newest release fails a check of its own. */
  fails = false;

  obey({ activateRelease: command }: Pick<Decision, 'activateRelease'>, { pods }: Observation): void {
    if (command === undefined) return;
    const release = pods.find(({ uid }) => uid === command.uid)?.release ?? '';
    this.commands.push(`${release} ${command.epoch}`);
    if (command.epoch > this.row.epoch) this.row = { epoch: command.epoch, release };
  }

  /** A new pod is ready once its release is active; until then the old one stays. */
  run(observation: Observation): Observation {
    const own = observation.pods.filter(({ service }) => service === 'risk');
    const others = observation.pods.filter(({ service }) => service !== 'risk');
    const pods = own.flatMap((pod) => {
      const next = this.#report(pod, pod.release, this.fails);
      if (this.row.release === '' || this.row.release === pod.release) return [next];
      return [next, { ...this.#report(pod, this.row.release, false), name: 'risk-old', uid: 'risk-old' }];
    });
    const deployments = observation.deployments.map((one) =>
      one.service !== 'risk' || one.release === this.row.release ? one : { ...one, available: 0, pods: 2 },
    );
    return { ...observation, deployments, pods: [...others, ...pods] };
  }

  #report(pod: ObservedPod, release: string, fails: boolean): ObservedPod {
    const isActive = this.row.release === release;
    const { epoch } = this.row;
    const activation = {
      role: isActive ? 'active' : 'armed',
      epoch,
      release: epoch === 0 ? null : this.row.release,
    } as const;
    const checks = [
      { name: ACTIVATION_CHECK, ok: isActive, reason: isActive ? 'Ok' : 'ReleaseArmed', message: 'armed' },
      { name: 'process', ok: !fails, reason: fails ? 'FeedMissing' : 'Ok', message: '' },
    ];
    if (pod.answer.kind !== 'Answered') return pod;
    const statusz = { ...pod.answer.statusz, release, activation, checks, ready: isActive && !fails };
    return { ...pod, release, ready: statusz.ready, answer: { ...pod.answer, statusz } };
  }
}

let risk: FakeRisk;
let senders: FakeSenders;

beforeEach(() => {
  risk = new FakeRisk();
  senders = new FakeSenders(0);
});

function step(current: Observation): Observation {
  const decision = decideFor(current);
  senders.obey(decision);
  risk.obey(decision, current);
  const up = withWorkloadsUp(afterDecision(current, decision), senders.report);
  return { ...risk.run(up), nowMs: up.nowMs + 1_000 };
}

function steps(before: Observation, count: number): Observation {
  let current = before;
  for (let index = 0; index < count; index += 1) current = step(current);
  return current;
}

const hashOf = (observation: Observation): string => serviceRelease(observation, 'risk').hash;
const riskOf = ({ stack }: Observation) => stack.status.risk;
const installed = (): Observation => steps(stackObservation({}, image('1.0.0')), 16);

describe('the release of risk that decides', () => {
  it('is activated when the stack is installed, before its tier passes', () => {
    const running = installed();
    expect(risk.commands).toEqual([`${hashOf(running)} 1`]);
    expect(riskOf(running)).toMatchObject({ active: hashOf(running), epoch: 1 });
    expect(riskOf(running)).not.toHaveProperty('transition');
    expect(running.stack.status).toMatchObject({ phase: 'Running', plan: [] });
  });

  it('changes once, when the new process is armed, and its plan says so before', () => {
    const running = installed();
    const before = hashOf(running);
    const change = edited(running, image('2.0.0'));
    const plan = decideFor(change).status?.plan ?? [];
    expect(plan.map(({ action, tier }) => `${action} ${tier ?? ''}`.trim())).toEqual([
      'Tier foundation',
      'Tier venue',
      'Tier data',
      'Tier strategy',
      'Tier risk',
      'Activate risk',
      'Tier execution',
      'Swap',
    ]);
    const after = steps(change, 24);
    expect(risk.commands.slice(1)).toEqual([`${hashOf(after)} 2`]);
    expect(hashOf(after)).not.toBe(before);
    expect(riskOf(after)).toMatchObject({ active: hashOf(after), epoch: 2 });
    expect(after.stack.status).toMatchObject({ phase: 'Running', plan: [] });
  });

  it('records the transition before it asks for it', () => {
    let current = edited(installed(), image('2.0.0'));
    while (decideFor(current).activateRelease === undefined) current = step(current);
    const decision = decideFor(current);
    expect(decision.status?.risk?.transition).toMatchObject({
      to: hashOf(current),
      epoch: 2,
      pod: decision.activateRelease?.pod,
    });
  });

  it('stays while the new process fails a check, is named as the blocker, and goes back with its release', () => {
    const running = installed();
    risk.fails = true;
    const rest = { rollout: { soakSeconds: 0, tierDeadlineSeconds: 30, autoRollback: true } };
    const stuck = steps(edited(running, image('2.0.0', rest)), 12);
    expect(risk.row.release).toBe(hashOf(running));
    expect(stuck.stack.status.blockedBy).toMatch(/^risk\/DeploymentAvailable risk: FeedMissing/);
    risk.fails = false;
    const back = steps(edited(stuck, image('1.0.0')), 24);
    expect([risk.row, riskOf(back)?.active]).toEqual([{ epoch: 1, release: hashOf(running) }, hashOf(running)]);
  });

  it('goes back to the earlier release in the next epoch', () => {
    const running = installed();
    const next = steps(edited(running, image('2.0.0')), 24);
    const back = steps(edited(next, image('1.0.0')), 24);
    expect(risk.commands.map((command) => command.split(' ')[1])).toEqual(['1', '2', '3']);
    expect(riskOf(back)).toMatchObject({ active: hashOf(running), epoch: 3 });
  });

  it('is not changed in a suspended stack, nor by one that is deleted', () => {
    const change = edited(installed(), image('2.0.0'));
    let current = change;
    while (decideFor(current).activateRelease === undefined) current = step(current);
    const suspended = edited(current, image('2.0.0', { suspend: true }));
    expect(decideFor(suspended).activateRelease).toBeUndefined();
    const { stack } = current;
    expect(decideFor({ ...current, stack: { ...stack, deleting: true } }).activateRelease).toBeUndefined();
  });

  it('has the problem of an activation that was refused as the blocker', () => {
    let current = edited(installed(), image('2.0.0'));
    while (decideFor(current).activateRelease === undefined) current = step(current);
    const problem = { reason: 'ActivationRefused', message: 'demo-risk-1 refused activation in epoch 2: HTTP 401' };
    const pods = current.pods.map((pod) =>
      pod.service === 'risk' && pod.release === hashOf(current) ? { ...pod, activation: problem } : pod,
    );
    expect(decideFor({ ...current, pods }).status?.blockedBy).toMatch(/risk: ActivationRefused - demo-risk-1 refused/);
  });
});
