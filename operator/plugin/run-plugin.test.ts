import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ago, NOW_MS, runningStatus } from '../../test/fixtures/plugin-report.ts';
import { RETRY_ANNOTATION, ROLLBACK_ANNOTATION } from '../api/v1alpha1/labels.ts';
import { sendJson, sendStatus } from '../../test/harness/kube/fake-api-server.ts';
import { healthyStatusz } from '../../test/harness/kube/processes-by-hand.ts';
import { impatientClock } from '../../test/harness/plugin/run-command.ts';
import {
  STACKS,
  PODS,
  stackOf,
  pod,
  list,
  forbidden,
  useScriptedCluster,
} from '../../test/harness/plugin/scripted-cluster.ts';

const { server, script, plugin, writes } = useScriptedCluster();

describe('what may not be read', () => {
  it('is named, and the rest is shown', async () => {
    script({ [`GET ${STACKS}`]: list(stackOf()), [`GET ${PODS}`]: forbidden, 'GET /apis/events': forbidden });
    const { exitCode, output } = await plugin('status');
    expect(exitCode).toBe(0);
    expect(output).toContain('you may not list pods in namespace trading: User "ada" cannot');
    expect(output).toContain('you may not list events.events.k8s.io in namespace trading');
    expect(output).toContain('✓ execution');
  });

  it('of the processes is named once', async () => {
    script({
      [`GET ${STACKS}`]: list(stackOf()),
      [`GET ${PODS}/`]: forbidden,
      [`GET ${PODS}`]: list(pod('ws'), pod('execution')),
    });
    const { output } = await plugin('status');
    expect(output.match(/you may not get pods\/proxy in namespace trading/g)).toHaveLength(1);
    expect(output.match(/its checks are unknown/g)).toHaveLength(2);
  });

  it('leaves no answer without the stack itself', async () => {
    script({ [`GET ${STACKS}`]: forbidden });
    expect(await plugin('status')).toMatchObject({
      exitCode: 3,
      output: '',
      problems: expect.stringContaining('you may not list tradingstacks in namespace trading'),
    });
  });
});

it('says where stacks are if the namespace has none', async () => {
  script({
    [`GET ${STACKS}/other`]: (response: ServerResponse) => sendStatus(response, 404, { reason: 'NotFound' }),
    [`GET ${STACKS}`]: list(),
    'GET /apis/tradingstack.dev/v1alpha1/tradingstacks': list(stackOf()),
  });
  expect(await plugin('status')).toMatchObject({
    exitCode: 4,
    problems: 'error: there is no TradingStack in namespace trading; there is -n trading demo\n',
  });
  expect(await plugin('status other')).toMatchObject({
    exitCode: 4,
    problems: expect.stringContaining('no TradingStack other'),
  });
});

it.each(['status', 'status demo', 'halt demo --author ada'])('%s says that the cluster has no CRD', async (args) => {
  script({});
  expect(await plugin(args)).toMatchObject({
    exitCode: 4,
    problems: expect.stringMatching(/^error: this cluster has no CRD of TradingStack: install the operator/),
  });
});

it('says that the cluster cannot be reached, and why', async () => {
  await server().close();
  expect(await plugin('status')).toMatchObject({ exitCode: 5, problems: expect.stringContaining('ECONNREFUSED') });
});

it('gives programs JSON and YAML with everything that was read', async () => {
  script({
    [`GET ${STACKS}`]: list(stackOf()),
    [`GET ${PODS}/`]: healthyStatusz('ws', 'r'),
    [`GET ${PODS}`]: list(pod('ws')),
    'GET /apis/events': list(),
  });
  const { output } = await plugin('status -o json');
  expect(JSON.parse(output)).toMatchObject({
    name: 'demo',
    status: { phase: 'Running' },
    pods: [{ name: 'demo-ws-1', statusz: { service: 'ws' } }],
    events: [],
    missing: [],
  });
  expect((await plugin('status -o yaml')).output).toContain('name: demo\nnamespace: trading\n');
  const { exitCode, output: explained } = await plugin('why -o json');
  expect(exitCode).toBe(5);
  expect(JSON.parse(explained)).toEqual({
    chains: [],
    restrictions: [],
    notClosed: null,
    missing: ['no process of risk reports its exits'],
  });
});

describe('colours', () => {
  it('are for terminals only', async () => {
    script({ [`GET ${STACKS}`]: list(stackOf()) });
    expect((await plugin('status')).output).not.toContain('\u001B');
    expect((await plugin('status', { columns: 80 })).output).toContain('\u001B[32mRunning');
  });
});

describe('retry', () => {
  const waiting = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } };
  const job = (type: string) => ({
    metadata: { name: `job-${type}`, uid: `${type}-uid` },
    status: { conditions: [{ type, status: 'True' }] },
  });

  it('deletes failed Jobs and waiting pods by uid, and leaves alone what may hold a halt', async () => {
    script({
      [`GET ${STACKS}`]: list(stackOf()),
      'GET /apis/batch': list(job('Failed'), job('Complete')),
      [`GET ${PODS}`]: list(
        pod('ws', waiting, 3),
        pod('execution', waiting, 3),
        pod('risk', { waiting: { reason: 'ImagePullBackOff' } }),
        pod('signal'),
      ),
      'DELETE ': {},
    });
    const { exitCode, output, problems } = await plugin('retry');
    expect({ exitCode, problems }).toMatchObject({
      exitCode: 0,
      problems: expect.stringContaining('Left alone: the pod demo-execution-1'),
    });
    expect(output.split('\n')).toHaveLength(4);
    expect(
      writes().map(({ path, body }) => [
        path.split('/').at(-1),
        (JSON.parse(body) as { preconditions: { uid: string } }).preconditions.uid,
      ]),
    ).toEqual([
      ['job-Failed', 'Failed-uid'],
      ['demo-ws-1', 'ws-uid'],
      ['demo-risk-1', 'risk-uid'],
    ]);
  });

  it('rolls a release that has failed out once more', async () => {
    const failed = { release: 'e5ff757cf7885c63', reason: 'SenderArmed', message: 'execution is armed', at: ago(60) };
    const release = { desired: failed.release, target: '789f72ddeaa97c0f', failed };
    const stack = stackOf({ status: runningStatus({ release }) });
    script({
      [`GET ${STACKS}`]: list(stack),
      [`PATCH ${STACKS}/demo`]: stack,
      'GET /apis/batch': list(),
      [`GET ${PODS}`]: list(pod('ws')),
    });
    const { exitCode, output } = await plugin('retry');
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output:
        'Requested: release e5ff757cf7885c63, which failed (execution is armed), is to be rolled out once more.\n',
    });
    expect(writes().map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { metadata: { annotations: { [RETRY_ANNOTATION]: new Date(NOW_MS).toISOString() } } },
    ]);
  });

  it('requests no release while a person asks for another one', async () => {
    const failed = { release: 'e5ff757cf7885c63', reason: 'SenderArmed', message: 'execution is armed', at: ago(60) };
    const status = runningStatus({ release: { desired: failed.release, target: '789f72ddeaa97c0f', failed } });
    const annotations = { [ROLLBACK_ANNOTATION]: '789f72ddeaa97c0f' };
    script({
      [`GET ${STACKS}`]: list(stackOf({ status, annotations })),
      'GET /apis/batch': list(),
      [`GET ${PODS}`]: list(pod('ws')),
    });
    const { exitCode, output, problems } = await plugin('retry');
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: '' });
    expect(problems).toContain('tradingstack.dev/rollback-to asks for 789f72ddeaa97c0f instead. Remove it, and repeat');
    expect(writes()).toEqual([]);
  });

  it('deletes nothing of a stack that runs', async () => {
    script({ [`GET ${STACKS}`]: list(stackOf()), 'GET /apis/batch': list(), [`GET ${PODS}`]: list(pod('ws')) });
    expect(await plugin('retry')).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('No release or Job has failed'),
    });
    expect(writes()).toEqual([]);
  });
});

describe('logs', () => {
  const line = JSON.stringify({
    level: 'warn',
    time: '2026-01-01T11:59:58.120Z',
    pid: 7,
    hostname: 'h',
    name: 'ws',
    gap: 2,
    msg: 'feed gap',
  });

  it('are laid out for reading, with the container and the number of lines asked for', async () => {
    script({
      [`GET ${STACKS}`]: list(stackOf()),
      [`GET ${PODS}/`]: (response: ServerResponse) => void response.end(`${line}\nplain \u001B[31mtext\n`),
      [`GET ${PODS}`]: list(pod('ws'), pod('risk')),
    });
    const { exitCode, output } = await plugin('logs ws --tail 2');
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: '11:59:58.120 WARN  ws                 feed gap gap=2\nws                 plain  [31mtext\n',
    });
    const call = server().calls.find(({ path }) => path.endsWith('/log'));
    expect([call?.path, call?.query.get('container'), call?.query.get('tailLines')]).toEqual([
      `${PODS}/demo-ws-1/log`,
      'ws',
      '2',
    ]);
    expect((await plugin('logs ws --raw')).output).toContain(line);
  });

  it('of one pod are shown although those of another cannot be read', async () => {
    script({
      [`GET ${STACKS}`]: list(stackOf()),
      [`GET ${PODS}/demo-ws-1/log`]: (response: ServerResponse) => void response.end('hello\n'),
      [`GET ${PODS}/`]: forbidden,
      [`GET ${PODS}`]: list(pod('ws'), pod('risk')),
    });
    expect(await plugin('logs')).toMatchObject({
      exitCode: 5,
      output: expect.stringContaining('hello'),
      problems: expect.stringContaining('you may not get pods/log of demo-risk-1'),
    });
    expect(await plugin('logs nothing')).toMatchObject({
      exitCode: 4,
      problems: expect.stringContaining('"nothing" is not a service; the services are migrations'),
    });
  });
});

it('lists events, the newest last, and those of other objects only with --all', async () => {
  const event = (name: string, seconds: number) => ({
    metadata: {},
    eventTime: ago(seconds),
    type: 'Normal',
    reason: `R${seconds}`,
    note: 'n',
    regarding: { kind: 'Pod', name },
  });
  script({
    [`GET ${STACKS}`]: list(stackOf()),
    'GET /apis/events': list(
      event('demo-ws-1', 5),
      event('postgres-0', 7),
      event('demo-ws-1', 9),
      event('demonstration', 11),
    ),
  });
  expect((await plugin('events')).output).toBe('9s     R9  pod/demo-ws-1  n\n5s     R5  pod/demo-ws-1  n\n');
  expect((await plugin('events --all --limit 3')).output).toContain('R7  pod/postgres-0');
});

it('shows versions that it may read, and why not the others', async () => {
  script({
    [`GET ${STACKS}`]: list(stackOf()),
    'GET /apis/tradingstack.dev': { versions: [{ groupVersion: 'tradingstack.dev/v1' }] },
    'GET /apis/apps': forbidden,
  });
  const { output } = await plugin('version');
  expect(output).toMatch(
    /^client {4}\d+\.\d+\.\d+, for tradingstack\.dev\/v1alpha1\noperator {2}unknown: you may not get deployment/,
  );
  expect(output).toContain('crd       tradingstack.dev/v1; this program needs tradingstack.dev/v1alpha1');
  expect(output).toContain('release   demo: dedbb151541b1930, version 1.4.0');
});

it('completes names of stacks for kubectl, and prints nothing but the directive where it may not', async () => {
  script({ [`GET ${STACKS}`]: list(stackOf()) });
  expect((await plugin('__complete status de')).output).toBe('demo\n:4\n');
  script({ [`GET ${STACKS}`]: forbidden });
  expect(await plugin('__complete status de')).toEqual({ exitCode: 0, output: ':4\n', problems: '' });
  expect((await plugin('__complete wh')).output).toMatch(/^why\tExplain/);
});

it('goes on watching after a failed read, with the last picture and its age', async () => {
  let reads = 0;
  script({
    [`GET ${STACKS}/demo`]: (response: ServerResponse) => {
      reads += 1;
      if (reads === 2) sendStatus(response, 503, { message: 'etcd is down' });
      else if (reads === 4) sendStatus(response, 404, { reason: 'NotFound' });
      else sendJson(response, stackOf());
    },
  });
  const seen: string[] = [];
  const stop = new Error('interrupted');
  const clock = impatientClock(NOW_MS);
  const sleep = async (ms: number): Promise<void> => {
    if (reads >= 3) throw stop;
    await clock.sleep(ms);
  };
  const write = (text: string): void => void seen.push(text);
  await expect(plugin('status demo --watch', { clock: { ...clock, sleep }, write })).rejects.toBe(stop);
  expect(seen.filter((text) => text.startsWith('demo  Paper'))).toHaveLength(3);
  expect(seen.filter((text) => text.includes('not known since'))).toEqual([
    '\nRead 2s ago, not known since: could not get tradingstack demo in namespace trading: etcd is down\n',
  ]);
});
