import { expect, it } from 'vitest';
import type { ApiCall } from './observed/audit-calls.ts';
import type { Usage } from './observed/process-usage.ts';
import { convergenceOf, programFiguresOf, type Observed } from './reconcile-figures.ts';

function call(receivedMs: number, change: Partial<ApiCall> = {}): ApiCall {
  const base = { agent: '', verb: 'patch', resource: 'configmaps', namespace: 'a', name: 'x', code: 200 };
  return { ...base, receivedMs, doneMs: receivedMs + 1, ...change };
}

const edit = call(1_010, { resource: 'tradingstacks', name: 'demo', doneMs: 1_015 });
const removal = call(2_010, { verb: 'delete', resource: 'services', name: 'demo-risk', doneMs: 2_012 });

function observed(change: Partial<Observed> = {}): Observed {
  return {
    calls: [],
    changes: [edit, removal],
    edits: { fromMs: 1_000, toMs: 2_000 },
    drifts: { fromMs: 2_000, toMs: 3_000 },
    idle: { fromMs: 10_000, toMs: 190_000 },
    usages: [],
    connections: 0,
    stacks: 10,
    ...change,
  };
}

it('takes an edit until its first write, and a repair until the object itself is written', () => {
  const calls = [
    call(1_018),
    call(2_014),
    call(2_030, { resource: 'services', name: 'demo-risk', doneMs: 2_042 }),
    call(2_500, { resource: 'leases' }),
  ];
  const figures = programFiguresOf(observed({ calls }), { isRepair: true });
  expect(figures.edits).toMatchObject({ changes: 1, unanswered: 0, firstWrite: { p50Ms: 3, samples: 1 } });
  expect(figures.drifts).toMatchObject({ changes: 1, unanswered: 0, repaired: { p50Ms: 30 } });
  expect(programFiguresOf(observed({ calls }), { isRepair: false }).drifts.repaired?.p50Ms).toBe(3);
});

it('has no times where nothing was answered', () => {
  const { edits, drifts } = programFiguresOf(observed(), { isRepair: true });
  expect(edits).toEqual({ changes: 1, unanswered: 1, firstWrite: null });
  expect(drifts).toEqual({ changes: 1, unanswered: 1, repaired: null });
});

it('counts what is asked while idle beside the lease, per stack and second', () => {
  const calls = [
    call(9_999),
    call(20_000, { resource: 'tradingstacks/status' }),
    call(30_000, { verb: 'watch', resource: 'pods' }),
    call(40_000, { resource: 'leases' }),
    call(50_000, { resource: 'tradingstacks/status' }),
    call(190_000),
  ];
  expect(programFiguresOf(observed({ calls }), { isRepair: true }).idle).toEqual({
    seconds: 180,
    requests: 3,
    writes: 2,
    requestsPerStackSecond: 0.00167,
    writesPerStackSecond: 0.00111,
    byKind: { 'patch tradingstacks/status': 2, 'watch pods': 1 },
    cpuPercent: null,
  });
});

it('counts connections per call', () => {
  const calls = [call(1), call(2), call(3), call(4)];
  const figures = programFiguresOf(observed({ calls, connections: 1 }), { isRepair: true });
  expect(figures).toMatchObject({ calls: 4, connections: 1, connectionsPer1000Calls: 250 });
  expect(programFiguresOf(observed({ connections: 1 }), { isRepair: true }).connectionsPer1000Calls).toBeNull();
});

it('takes the slope of the memory from the last two thirds of the idle time', () => {
  const usages = Array.from({ length: 19 }, (_, index): Usage => {
    const atMs = index * 10_000;
    // A process that grows while it starts, and then by 1 MiB in 100 s.
    const rssMiB = atMs < 70_000 ? 100 + index * 10 : 200 + (atMs - 70_000) / 100_000;
    return { atMs, rssMiB, cpuSeconds: index * 2 };
  });
  const figures = programFiguresOf(observed({ usages }), { isRepair: true });
  expect(figures.memory).toEqual({ firstMiB: 100, maxMiB: 201.1, lastMiB: 201.1, slopeMiBPer10Minutes: 6 });
  expect(figures.idle.cpuPercent).toBe(20);
});

it('has no slope of less than a minute', () => {
  const idle = { fromMs: 0, toMs: 80_000 };
  const usages = [0, 30_000, 70_000].map((atMs) => ({ atMs, rssMiB: atMs / 1_000, cpuSeconds: 0 }));
  expect(programFiguresOf(observed({ usages, idle }), { isRepair: true }).memory.slopeMiBPer10Minutes).toBeNull();
});

it('counts the writes until the last stack ran, without leases and events', () => {
  const calls = [
    call(99),
    call(100),
    call(150, { resource: 'deployments' }),
    call(160),
    call(170, { resource: 'events', verb: 'create' }),
    call(180, { resource: 'leases' }),
    call(190, { verb: 'list' }),
    call(2_100),
  ];
  expect(convergenceOf(calls, { fromMs: 100, toMs: 2_100 }, [1_500, 2_000])).toEqual({
    stacks: 2,
    allMs: 2_000,
    each: { p50Ms: 1_500, p99Ms: 2_000, minMs: 1_500, maxMs: 2_000, samples: 2 },
    writes: 3,
    writesPerSecond: 1.5,
    writesPerStack: 1.5,
    byKind: { 'patch configmaps': 2, 'patch deployments': 1 },
  });
});
