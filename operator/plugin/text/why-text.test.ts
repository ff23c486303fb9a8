import { describe, expect, it } from 'vitest';
import { ago, degradedStatus, podView, report, runningStatus } from '../../../test/fixtures/plugin-report.ts';
import type { StackReport } from '../view/stack-report.ts';
import { blockingChains } from '../view/blocking-chain.ts';
import { PLAIN } from './style.ts';
import { whyText } from './why-text.ts';

const why = (read: StackReport, columns = 100): string =>
  whyText(read, blockingChains(read), { columns, style: PLAIN });

describe('why', () => {
  it('follows a stale feed down to the check, with meaning, remedy and place in the runbook', () => {
    const check = { name: 'feed', ok: false, reason: 'FeedStale', message: 'XRP/ETH: no change for 95 s' };
    const pods = { known: true, value: [podView('ws', {}, { checks: [check] })] } as const;
    expect(why(report(degradedStatus('FeedStale', 'feed: XRP/ETH: no change for 95 s'), { pods })))
      .toMatchInlineSnapshot(`
        "stack    demo is Degraded
        └ tier     data is Degraded for 1m35s
          └ gate     FeedFresh fails for 1m35s: FeedStale - feed: XRP/ETH: no change for 95 s
            └ service  ws: 1 of 1 pods ready
              └ pod      demo-ws-768446d569-7lxdm  Running, ready, 21m
                └ check    feed: FeedStale - XRP/ETH: no change for 95 s
        means    Market data of a pair is older than risk.maxFeedAgeMs, or as far in the future.
        remedy   See "Feed". Until then no new orders of the pair are approved.
        runbook  docs/runbook.md, "Checks", FeedStale

        Positions that are not closed: unknown, no process of risk reports its exits."
      `);
  });

  it('names the pod and the end of its process for a reason of Kubernetes, and what waits', () => {
    const status = degradedStatus('CrashLoopBackOff', 'exit code 78');
    const tiers = (status.tiers ?? []).map((tier) =>
      tier.name === 'execution' ? { ...tier, state: 'Waiting' as const, gates: [] } : tier,
    );
    const problem = 'the process ended: Error, exit code 78: settings are invalid';
    const pods = {
      known: true,
      value: [podView('ws', { state: 'CrashLoopBackOff', ready: false, restarts: 4, problem })],
    } as const;
    expect(why(report({ ...status, tiers }, { pods }))).toMatchInlineSnapshot(`
      "stack    demo is Degraded
      └ tier     data is Degraded for 1m35s
        └ gate     FeedFresh fails for 1m35s: CrashLoopBackOff - exit code 78
          └ service  ws: 1 of 1 pods ready
            └ pod      demo-ws-768446d569-7lxdm  CrashLoopBackOff, not ready, 4 restarts, 21m: the process
                       ended: Error, exit code 78: settings are invalid
      waiting  tier execution
      means    A process of ws ended by itself and wrote no reason; Kubernetes restarts it.
      remedy   Read the log of the process that ended, while the pod exists: kubectl logs -n trading -l
               tradingstack.dev/stack=demo,tradingstack.dev/service=ws --previous
      runbook  docs/runbook.md, "A process keeps ending"

      Positions that are not closed: unknown, no process of risk reports its exits."
    `);
  });

  it('leaves out the soak of a tier while another of its gates fails', () => {
    const status = degradedStatus('FeedStale', 'feed: XRP/ETH: no change for 95 s');
    const soaking = { name: 'Soaked', ok: false, reason: 'Soaking', message: 'all gates must hold', since: ago(95) };
    const tiers = (withPassing: boolean) =>
      (status.tiers ?? []).map((tier) => ({
        ...tier,
        gates: [...tier.gates.map((gate) => (withPassing ? { ...gate, ok: true } : gate)), soaking],
      }));
    expect(why(report({ ...status, tiers: tiers(false).slice(0, 1) }))).not.toContain('Soaked');
    expect(why(report({ ...status, tiers: tiers(true).slice(0, 1) }))).toContain('Soaked fails for 1m35s');
  });

  it.each([
    ['Error', 'exit code 1, restarts: 3', 'kubectl logs -n trading -l tradingstack.dev/stack=demo,tradingstack.dev/'],
    ['OOMKilled', 'exit code 137, restarts: 2', 'raise spec.services.risk.resources.limits.memory'],
    ['SettingsInvalid', 'settings document: x (exit code 78, restarts: 3)', 'correct the field that the message names'],
  ])('says what to do about a release that was rolled back for %s', (reason, message, remedy) => {
    const failed = {
      release: 'b',
      reason,
      message: `risk/DeploymentAvailable risk: ${reason} - ${message}`,
      at: ago(20),
    };
    const release = { desired: 'b', target: 'a', current: 'a', lastGood: 'a', failed };
    const text = why(report(runningStatus({ phase: 'Stalled', release })), 200);
    expect(text).toContain(`b failed 20s ago: risk/DeploymentAvailable risk: ${reason} - ${message}`);
    expect(text).toContain(remedy);
  });

  it('begins with the failure of a release, while the stack returns from it and afterwards', () => {
    const failed = {
      release: 'b',
      reason: 'ImagePullBackOff',
      message: 'foundation/JobComplete migrations: ImagePullBackOff - manifest unknown',
      at: ago(20),
    };
    const release = { desired: 'b', target: 'a', current: 'a', lastGood: 'a', failed };
    const returning = why(report({ ...degradedStatus('FeedStale', 'no change'), release }));
    expect(returning.split('\n').slice(0, 2)).toEqual([
      'stack    demo is Degraded',
      '└ release  b failed 20s ago: foundation/JobComplete migrations: ImagePullBackOff - manifest unknown',
    ]);
    expect(returning).toContain('remedy   Push the image, correct spec.release.image');
    expect(returning).toContain('gate     FeedFresh fails');
    const done = why(report(runningStatus({ phase: 'Stalled', release })));
    expect(done).toMatchInlineSnapshot(`
      "stack    demo is Stalled
      └ release  b failed 20s ago: foundation/JobComplete migrations: ImagePullBackOff - manifest unknown
      waiting  release b, until the spec changes or "kubectl tradingstack retry"
      means    The image of release b cannot be pulled: it is gone from the registry, or the node may not
               read it.
      remedy   Push the image, correct spec.release.image, or check the pull secret.
      runbook  docs/runbook.md, "A release was rolled back""
    `);
    expect(why(report(runningStatus({ release: { ...release, desired: 'c' } })))).not.toContain('failed 20s ago');
  });

  it.each([
    ['that a person went back to', { desired: 'b', target: 'a', current: 'b' }, 'rollback -n trading demo --to HASH'],
    ['that the spec describes', { desired: 'a', target: 'a', current: 'b' }, 'correct spec.release.image'],
  ])('explains that the image of the release %s is gone', (_what, release, remedy) => {
    const history = [
      { release: 'a', version: '1.4.0', since: ago(9), reason: 'RollbackRequested', record: 'r' } as const,
    ];
    const status = { ...degradedStatus('ImagePullBackOff', 'manifest unknown'), release: { ...release, history } };
    const text = why(report(status), 200);
    expect(text).toContain('means    The image of release a (version 1.4.0) cannot be pulled');
    expect(text).toContain(remedy);
  });

  it('explains a missing Secret, which no gate of a tier shows', () => {
    const message = 'SecretsPresent: SecretMissing - Secret platform-risk does not exist';
    const ready = {
      type: 'Ready',
      status: 'False',
      reason: 'SecretMissing',
      message,
      observedGeneration: 1,
      lastTransitionTime: ago(9),
    } as const;
    const text = why(
      report({ observedAt: ago(3), phase: 'Pending', conditions: [ready], blockedBy: message, tiers: [] }),
    );
    expect(text).toMatch(/^stack {4}demo is Pending\n└ gate {5}SecretsPresent: SecretMissing - Secret platform-risk/);
    expect(text).toContain('docs/runbook.md, "Gates", SecretMissing');
  });

  it('says first that no operator observes the stack', () => {
    const text = why(report(runningStatus({ observedAt: ago(600) })));
    expect(text).toContain('└ operator last observed the stack 10m ago; everything else in the status is as old');
    expect(text).toContain('Stop trading without the operator');
  });

  it('explains a sender that may not send although every gate passes', () => {
    const available = {
      type: 'Available',
      status: 'False',
      reason: 'SenderBlocked',
      message: 'execution may not send: PermitExpired',
      observedGeneration: 1,
      lastTransitionTime: ago(9),
    } as const;
    const text = why(report(runningStatus({ conditions: [available] })));
    expect(text).toContain('└ sender   SenderBlocked - execution may not send: PermitExpired');
    expect(text).toContain('"Conditions", SenderBlocked');
  });

  it.each([
    ['spec', `kubectl patch tradingstack -n trading demo --type merge -p '{"spec":{"halt":false}}'`],
    ['spec-flatten', 'kubectl tradingstack flatten -n trading demo --cancel'],
    ['spec-state', `-p '{"spec":{"tradingState":"Active"}}'`],
    ['flatten', 'by risk, once neither spec.flatten nor the annotation asks for Flattening'],
    ['breaker-drawdown', 'by risk, once a person has inserted a row into risk.breaker_resets'],
    ['breaker-daily-loss', 'by risk itself: see docs/runbook.md, "A breaker tripped"'],
    ['annotation', 'kubectl tradingstack resume -n trading demo'],
    ['command', 'kubectl exec -n trading deploy/demo-execution-blue -- node /app/halt.mjs --resume'],
    ['desk', "a row of trading.halts with source 'desk': see docs/runbook.md"],
  ])('says what lifts a halt of the source %s', (source, lift) => {
    const author = /^(flatten|breaker-.*)$/.test(source) ? 'risk' : 'ada';
    const halt = { source, state: 'Halted', author, reason: 'why', revision: 1, since: ago(5) } as const;
    const trading = { state: 'Halted', requested: 'Halted', since: ago(5), sources: [halt] } as const;
    const text = why(report(runningStatus({ trading: { ...trading, sources: [halt] } })));
    expect(text).toContain(`source   ${source} asks for Halted for 5s, by ${author}: why`);
    expect(text).toContain(lift);
  });

  it.each([
    ['blue', 'demo-execution-blue-2', 'demo-execution-blue-2'],
    ['none', 'demo-execution-blue-2', 'deploy/demo-execution-blue'],
  ] as const)('names the pod in which a halt is lifted while %s sends', (active, pod, place) => {
    const halt = {
      source: 'command',
      state: 'Halted',
      author: 'ada',
      reason: 'why',
      revision: 1,
      since: ago(5),
    } as const;
    const trading = { state: 'Halted', requested: 'Halted', since: ago(5), sources: [halt] } as const;
    const execution = { active, epoch: 3, pod };
    const text = why(report(runningStatus({ execution, trading: { ...trading, sources: [halt] } })));
    expect(text).toContain(`kubectl exec -n trading ${place} -- node /app/halt.mjs --resume`);
  });

  it('says that nothing blocks a stack only if that is so', () => {
    expect(why(report())).toBe(
      'Nothing blocks demo. Release dedbb151541b1930 (version 1.4.0) runs in all tiers, and trading is Active.',
    );
    expect(why(report(runningStatus({ phase: 'Progressing' })))).toBe(
      'demo is Progressing, and its status names no cause.',
    );
  });
});
