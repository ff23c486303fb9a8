import { describe, expect, it } from 'vitest';
import { ago, runningStatus } from '../../test/fixtures/plugin-report.ts';
import { STACKS, stackOf, useScriptedCluster } from '../../test/harness/plugin/scripted-cluster.ts';
import type { TradingStackStatus } from '../api/v1alpha1/trading-stack/status.ts';

const { server, script, plugin, writes } = useScriptedCluster();

describe('flatten', () => {
  const asked = { author: 'bob', reason: 'every position is closed', revision: 1, since: ago(9) } as const;
  const flattening = (...others: string[]): TradingStackStatus =>
    runningStatus({
      trading: {
        state: others.length === 0 ? 'Flattening' : 'Halted',
        requested: others.length === 0 ? 'Flattening' : 'Halted',
        since: ago(9),
        sources: [
          { source: 'spec-flatten', state: 'Flattening', ...asked },
          ...others.map((source) => ({ source, state: 'Halted', ...asked }) as const),
        ],
      },
      halt: { active: others.length > 0 },
      conditions: [
        {
          type: 'Halted',
          status: 'False',
          reason: 'FlatteningRequested',
          message: 'open positions: 3',
          observedGeneration: 1,
          lastTransitionTime: ago(9),
        },
      ],
    });

  it('sets spec.flatten and nothing else, before it reads, and reports that everything is sold', async () => {
    script({
      [`PATCH ${STACKS}/demo`]: stackOf(),
      [`GET ${STACKS}/demo`]: stackOf({ status: flattening('flatten') }),
    });
    const { exitCode, output } = await plugin('flatten demo');
    expect(server().calls[0]?.method).toBe('PATCH');
    expect(server().calls[0]?.query.get('fieldManager')).toBe('kubectl-tradingstack');
    expect(JSON.parse(writes()[0]?.body ?? '')).toEqual({ spec: { flatten: true } });
    expect(writes()).toHaveLength(1);
    expect({ exitCode, output }).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('Sold, and halted by risk: every position is closed.'),
    });
  });

  it.each<[string, TradingStackStatus, string]>([
    ['is not taken up', runningStatus(), 'the operator has not taken up the request yet'],
    ['sells', flattening(), 'open positions: 3'],
    ['waits for the end of a halt', flattening('annotation'), 'open positions: 3'],
    ['is sold, not halted everywhere', { ...flattening('flatten'), halt: { active: false } }, 'open positions: 3'],
  ])('exits with 1 while it %s, and says why', async (_what, status, line) => {
    script({ [`PATCH ${STACKS}/demo`]: stackOf(), [`GET ${STACKS}/demo`]: stackOf({ status }) });
    const { exitCode, problems } = await plugin('flatten demo --timeout 1');
    expect({ exitCode, problems }).toMatchObject({
      exitCode: 1,
      problems: expect.stringContaining(`Not sold within 1 s: ${line}`),
    });
  });

  it('does not wait with --no-wait', async () => {
    script({ [`PATCH ${STACKS}/demo`]: stackOf() });
    expect(await plugin('flatten demo --no-wait')).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(writes()[0]?.body ?? '')).toEqual({ spec: { flatten: true } });
    expect(writes()).toHaveLength(1);
  });
});
