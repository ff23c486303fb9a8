import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ago, runningStatus } from '../../test/fixtures/plugin-report.ts';
import { sampleStack } from '../../test/fixtures/sample-stack.ts';
import { list, stackOf, STACKS, useScriptedCluster } from '../../test/harness/plugin/scripted-cluster.ts';
import { APPROVE_SWAP_ANNOTATION, ROLLBACK_ANNOTATION } from '../api/v1alpha1/labels.ts';
import { parseSpec } from '../api/v1alpha1/trading-stack/trading-stack.ts';
import type { ExecutionStatus, PlanStep, ReleaseStatus } from '../api/v1alpha1/trading-stack/status.ts';

const { script, plugin, writes, patches, server } = useScriptedCluster();
const folder = mkdtempSync(join(tmpdir(), 'plan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NEW = 'cafe000000000001';
const OLD = 'dedbb151541b1930';
const gate = { what: 'Gate', message: 'execution/Ready execution: NotReady' } as const;
const approval = { what: 'Approval', message: `annotation ${APPROVE_SWAP_ANNOTATION}=${NEW}` } as const;
const tier = (waitingFor: PlanStep['waitingFor'] = []): PlanStep => ({
  action: 'Tier',
  tier: 'execution',
  release: NEW,
  create: ['Deployment/demo-execution-green'],
  unlisted: 2,
  waitingFor,
});
const swap = (change: Partial<PlanStep> = {}): PlanStep => ({
  action: 'Swap',
  release: NEW,
  from: 'blue',
  to: 'green',
  waitingFor: [],
  ...change,
});
const planned = (plan: readonly PlanStep[]) => runningStatus({ plan: [...plan] });
const change = (hash: string, version: string) =>
  ({ release: hash, version, since: ago(90), reason: 'Changed', record: 'r' }) as const;

describe('plan', () => {
  it('shows the steps with objects, waits and the gap, and exits with 1', async () => {
    script({ [`GET ${STACKS}`]: list(stackOf({ status: planned([tier([gate]), swap({ waitingFor: [approval] })]) })) });
    const { exitCode, output } = await plugin('plan');
    expect(exitCode).toBe(1);
    expect(output).toBe(
      `  1. tier execution of release ${NEW}
       create  Deployment/demo-execution-green
       and 2 more objects
       waits for gate: execution/Ready execution: NotReady
  2. the sender changes from blue to green; gap unknown, no swap of this stack was measured
       waits for approval: annotation tradingstack.dev/approve-swap=${NEW}
`,
    );
  });

  it.each<[string, PlanStep, string]>([
    ['a measured gap', swap({ predictedGapMs: 0 }), 'gap of 0 ms expected: so long the last swap had no order'],
    [
      'a release that is not known',
      { action: 'Release', waitingFor: [] },
      'rollout of a release that is not known yet',
    ],
    ['a removal', { action: 'CleanUp', release: OLD, remove: ['ConfigMap/x'], waitingFor: [] }, 'remove  ConfigMap/x'],
    ['a teardown', { action: 'Teardown', waitingFor: [] }, '1. teardown, tier by tier from the last\n'],
  ])('shows %s', async (_what, step, line) => {
    script({ [`GET ${STACKS}`]: list(stackOf({ status: planned([step]) })) });
    expect((await plugin('plan')).output).toContain(line);
  });

  it('exits with 0 if there is nothing to do', async () => {
    script({ [`GET ${STACKS}`]: list(stackOf({ status: planned([]) })) });
    expect(await plugin('plan')).toMatchObject({
      exitCode: 0,
      output: 'Nothing to do: demo is as its spec asks for.\n',
    });
    const { output } = await plugin('plan -o json');
    expect(JSON.parse(output)).toEqual({ name: 'demo', observedAt: ago(7), isObserved: true, plan: [] });
  });

  it('of a stack that no operator observes, or of an older operator, is an error', async () => {
    const old = runningStatus({ plan: [], observedAt: ago(300) });
    script({ [`GET ${STACKS}`]: list(stackOf({ status: old })) });
    const stale = await plugin('plan');
    expect(stale).toMatchObject({ exitCode: 5, problems: expect.stringContaining('no operator observes demo') });
    expect(stale.output).not.toContain('Nothing to do');
    script({ [`GET ${STACKS}`]: list(stackOf()) });
    expect(await plugin('plan')).toMatchObject({ exitCode: 5, problems: expect.stringContaining('has no plan') });
  });
});

describe('plan of a file', () => {
  const file = (text: string | object): string => {
    const path = join(folder, 'stack.yaml');
    writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text));
    return path;
  };
  const parsed = parseSpec(sampleStack().spec);
  const spec = 'spec' in parsed ? parsed.spec : {};

  it.each<[string, string, string]>([
    ['is not there', '/nowhere', 'cannot be read: ENOENT'],
    ['is not YAML', file('a: [1'), 'is not YAML'],
  ])('that %s is a wrong call', async (_what, path, problem) => {
    expect(await plugin(`plan -f ${path}`)).toMatchObject({ exitCode: 2, problems: expect.stringContaining(problem) });
    expect(server().calls).toEqual([]);
  });

  it.each<[string, object | string, string, string]>([
    ['without a stack', { kind: 'ConfigMap' }, '', 'has no TradingStack'],
    ['of another version', { ...sampleStack(), apiVersion: 'x/v2' }, '', 'it must be tradingstack.dev/v1alpha1'],
    ['with two stacks', `${JSON.stringify(sampleStack())}\n---\n${JSON.stringify(sampleStack())}`, '', 'has 2 stacks'],
    ['without a name', { ...sampleStack(), metadata: {} }, '', 'has no metadata.name'],
    ['of another namespace', sampleStack(), '-n other', '--namespace is other'],
    ['of another stack', sampleStack(), 'other', 'STACK is other'],
    ['with a manager that is not used', sampleStack(), '--field-manager x', '--field-manager needs --server-side'],
  ])('%s is a wrong call', async (_what, content, flags, problem) => {
    expect(await plugin(`plan -f ${file(content)} ${flags}`)).toMatchObject({
      exitCode: 2,
      problems: expect.stringContaining(problem),
    });
    expect(writes()).toEqual([]);
  });

  it('is a dry run of what kubectl apply sends, and shows fields, objects and the swap', async () => {
    const execution: ExecutionStatus = {
      active: 'green',
      epoch: 3,
      green: { release: OLD, service: 's', state: 'active', ready: 1, desired: 1 },
      blue: { release: OLD, service: 's', state: 'standby', ready: 1, desired: 1 },
      lastSwap: { from: 'blue', to: 'green', epoch: 3, at: ago(99), gapMs: 87 },
    };
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{"suspend":true}}' };
    const present = stackOf({ status: runningStatus({ execution, plan: [] }), annotations, spec });
    const next = {
      ...spec,
      release: { image: 'registry.example.com/tradingstack:2.0.0', version: '2.0.0' },
      halt: true,
    };
    script({
      [`GET ${STACKS}/demo`]: { ...present, spec },
      [`PATCH ${STACKS}/demo`]: { ...present, spec: next },
    });
    const { exitCode, output } = await plugin(`plan -f ${file(sampleStack())}`);
    expect(exitCode).toBe(1);
    const [sent] = writes();
    expect([sent?.query.get('dryRun'), sent?.query.get('fieldValidation')]).toEqual(['All', 'Strict']);
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({ spec: { suspend: null, venue: { name: 'mexc' } } });
    for (const line of [
      'demo in namespace trading would change. Nothing has been written.',
      '  spec.halt: false -> true',
      '  spec.release.version: "1.0.0" -> "2.0.0"',
      'At once, whatever the steps below wait for: spec.halt.',
      '  6. another release of risk decides\n',
      '  7. tier execution\n       change  Deployment/demo-execution-blue\n',
      'spec.template.spec.containers[execution].image: "registry.example.com/tradingstack:1.0.0" ->',
      '  8. the sender changes from green to blue; gap of 87 ms expected: so long the last swap had no order',
      'NOT KNOWN\n  the hashes of services',
    ])
      expect(output).toContain(line);
    const { output: json } = await plugin(`plan -f ${file(sampleStack())} -o json`);
    expect(JSON.parse(json)).toMatchObject({
      result: 'Changed',
      steps: expect.arrayContaining([
        { action: 'Activate', tier: 'risk' },
        { action: 'Swap', from: 'green', to: 'blue', predictedGapMs: 87, waitingFor: [] },
      ]),
    });
  });

  it('says what the first step would wait for', async () => {
    const held = stackOf({
      status: runningStatus({ observedAt: ago(600) }),
      annotations: { [ROLLBACK_ANNOTATION]: OLD },
    });
    const next = { ...spec, suspend: true, services: { 'db-writer': { replicas: 2 } } };
    script({ [`GET ${STACKS}/demo`]: { ...held, spec }, [`PATCH ${STACKS}/demo`]: { ...held, spec: next } });
    const { output } = await plugin(`plan -f ${file(sampleStack())}`);
    expect(output.match(/waits for .*/g)).toEqual([
      'waits for blocker: no operator observes the stack',
      'waits for suspension: spec.suspend',
      `waits for annotation: annotation tradingstack.dev/rollback-to=${OLD}`,
    ]);
    expect(output).not.toContain('another release of risk');
  });

  it('invents no difference to a present spec that is not valid', async () => {
    script({
      [`GET ${STACKS}/demo`]: { ...stackOf(), spec: {} },
      [`PATCH ${STACKS}/demo`]: { ...stackOf(), spec },
    });
    const { output } = await plugin(`plan -f ${file(sampleStack())}`);
    expect(output).toContain('STEPS\n  unknown');
    expect(output).toContain('the present spec is not valid');
    expect(output).not.toContain('create ');
  });
});

describe('promote', () => {
  const history = [change(NEW, '2.0.0'), change(OLD, '1.4.0')];
  const release: ReleaseStatus = { desired: NEW, target: NEW, current: OLD, history };

  it('approves the release that waits, and says what it still waits for', async () => {
    const plan = [tier([gate]), swap({ predictedGapMs: 87, waitingFor: [approval] })];
    const status = runningStatus({ release, plan });
    script({ [`GET ${STACKS}`]: list(stackOf({ status })), [`PATCH ${STACKS}/demo`]: stackOf() });
    const { exitCode, output } = await plugin('promote');
    expect(exitCode).toBe(0);
    expect(output).toBe(
      `Approved: release ${NEW} (version 2.0.0) of demo; the sender changes from blue to green, gap of 87 ms expected: so long the last swap had no order.\nIt still:\n       waits for gate: execution/Ready execution: NotReady\n`,
    );
    expect(patches()).toEqual([{ annotations: { [APPROVE_SWAP_ANNOTATION]: NEW } }]);
  });

  it.each<[string, readonly PlanStep[], string]>([
    ['no swap is planned', [], 'no swap of the sender is planned'],
    ['the swap needs no approval', [swap()], 'the swap that is planned needs no approval'],
  ])('is refused while %s', async (_what, plan, why) => {
    script({ [`GET ${STACKS}`]: list(stackOf({ status: planned(plan) })) });
    expect(await plugin('promote')).toMatchObject({ exitCode: 1, output: '', problems: expect.stringContaining(why) });
    expect(writes()).toEqual([]);
  });

  it('approves nothing on an old status', async () => {
    const status = runningStatus({ plan: [swap({ waitingFor: [approval] })], observedAt: ago(300) });
    script({ [`GET ${STACKS}`]: list(stackOf({ status })) });
    expect(await plugin('promote')).toMatchObject({ exitCode: 5, problems: expect.stringContaining('no operator') });
    expect(writes()).toEqual([]);
  });
});

describe('rollback', () => {
  const THIRD = 'cafe000000000002';
  const history = [change(NEW, '2.0.0'), change(THIRD, '1.5.0'), change(OLD, '1.4.0')];
  const release: ReleaseStatus = { desired: NEW, target: NEW, current: OLD, lastGood: OLD, history };
  const scripted = (status: ReleaseStatus, annotations = {}) =>
    script({
      [`GET ${STACKS}`]: list(stackOf({ status: runningStatus({ release: status }), annotations })),
      [`PATCH ${STACKS}/demo`]: stackOf(),
    });

  it.each<[string, string, string]>([
    ['the last good release', '', OLD],
    ['the release that is named by its first characters', '--to dedb', OLD],
    ['any release of the history', `--to ${THIRD}`, THIRD],
  ])('goes back to %s', async (_what, flags, hash) => {
    scripted(release);
    const { exitCode, output } = await plugin(`rollback ${flags}`);
    expect({ exitCode, output }).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining(`back to release ${hash} (version 1.`),
    });
    expect(output).toContain('kubectl annotate tradingstack -n trading demo tradingstack.dev/rollback-to-');
    expect(patches()).toEqual([{ annotations: { [ROLLBACK_ANNOTATION]: hash } }]);
  });

  it('goes back to the newest release that was not given up, where the last good one runs', async () => {
    const bad = 'bad0000000000001';
    const back = { ...change(NEW, '2.0.0'), reason: 'RolledBack' as const };
    const ran = [back, change(bad, '2.1.0'), change(NEW, '2.0.0'), change(OLD, '1.4.0')];
    scripted({ desired: NEW, target: NEW, current: NEW, lastGood: NEW, history: ran });
    expect(await plugin('rollback')).toMatchObject({ exitCode: 0 });
    expect(patches()).toEqual([{ annotations: { [ROLLBACK_ANNOTATION]: OLD } }]);
  });

  it.each<[string, { readonly to?: string; readonly status?: ReleaseStatus; readonly asked?: string }, string]>([
    ['a release that is not in the history', { to: 'ffff' }, 'demo has no release ffff on record'],
    ['what fits several', { to: 'cafe' }, 'several releases of demo begin with cafe'],
    ['a stack without a good release', { status: { desired: NEW, history } }, 'has run in all tiers yet'],
    ['the release that runs', { to: OLD, status: { ...release, target: OLD } }, `release ${OLD} of demo runs already`],
    ['the release that is rolled out', { to: NEW }, `${NEW} of demo is being rolled out already`],
    ['what is requested', { asked: OLD }, `Nothing was requested: release ${OLD}`],
  ])('refuses %s, and lists the history', async (_what, { to, status = release, asked }, problem) => {
    const annotations = asked === undefined ? {} : { [ROLLBACK_ANNOTATION]: asked };
    scripted(status, annotations);
    const { exitCode, problems } = await plugin(`rollback ${to === undefined ? '' : `--to ${to}`}`);
    expect(problems).toContain(problem);
    expect(exitCode).toBe(problem.includes(' already') || asked !== undefined ? 1 : 4);
    expect(problems).toContain(`  ${THIRD}  1.5.0  Changed 1m30s ago`);
    expect(writes()).toEqual([]);
  });
});
