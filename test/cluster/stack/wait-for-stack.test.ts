import { expect, it } from 'vitest';
import { waitForStack } from './wait-for-stack.ts';

interface Look {
  readonly phase: string;
  readonly blockedBy?: string;
  readonly pods?: readonly object[];
  /** Renewal of the operator's lease just before; a new one each time by default. */
  readonly renewed?: string;
}
const ready = pod('True');
const unready = pod('False');
const completed = { metadata: {}, status: { phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'False' }] } };
const leaving = { ...ready, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } };

it('does not take a status from before the start for a stack that runs', async () => {
  const running = [[], [ready, unready], [ready, leaving], [ready, completed]];
  const { looks } = await wait(running.map((pods) => ({ phase: 'Running', pods })));
  expect(looks).toBe(running.length);
});

it('ignores a status until the operator has renewed its lease after the start', async () => {
  const running = { phase: 'Running', pods: [ready] };
  const old = { ...running, renewed: 'before the stop' };
  const { looks, lines } = await wait([old, old, old, running]);
  expect(looks).toBe(4);
  expect(lines).toEqual(['waiting for the operator to renew its lease', expect.stringContaining('Running')]);
  const none = { ...running, renewed: '' };
  expect((await wait([none, none, running])).looks).toBe(3);
});

it('gives up on a stack that is stalled by one reason for 20 s, and not before', async () => {
  const stalled = (blockedBy: string): Look => ({ phase: 'Stalled', blockedBy });
  const other = [stalled('a'), stalled('a'), stalled('b'), stalled('b'), { phase: 'Running', pods: [ready] }];
  expect((await wait(other)).looks).toBe(5);
  const same = ['try 1', 'try 2', 'try 3', 'try 4'].map(stalled);
  await expect(wait(same)).rejects.toThrow('the stack is stalled: try 3');
});

/** Ten seconds pass between two looks. */
async function wait(sequence: readonly Look[]): Promise<{ readonly looks: number; readonly lines: readonly string[] }> {
  let looks = 0;
  let renewals = 0;
  const lines: string[] = [];
  const kubectl = async (args: readonly string[]): Promise<string> => {
    if (args.includes('lease')) return sequence[looks]?.renewed ?? `renewal ${(renewals += 1)}`;
    if (args.includes('pods')) return await Promise.resolve(JSON.stringify({ items: sequence[looks - 1]?.pods ?? [] }));
    const { phase, blockedBy } = sequence[looks] ?? { phase: 'none' };
    looks += 1;
    const status = { observedGeneration: 1, phase, blockedBy };
    return JSON.stringify({ metadata: { name: 'demo', uid: 'u', generation: 1 }, status });
  };
  const onChange = (line: string): void => void lines.push(line);
  await waitForStack({ kubectl }, { seconds: 600, onChange, pollMs: 0, nowMs: () => looks * 10_000 });
  return { looks, lines };
}

function pod(status: string): object {
  return { metadata: {}, status: { phase: 'Running', conditions: [{ type: 'Ready', status }] } };
}
