import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ago, runningStatus } from '../../test/fixtures/plugin-report.ts';
import { sendJson } from '../../test/harness/kube/fake-api-server.ts';
import { OWN, STACKS, stackOf, useScriptedCluster } from '../../test/harness/plugin/scripted-cluster.ts';
import { TRADING_STATE_ANNOTATION, TRADING_STATE_REASON_ANNOTATION } from '../api/v1alpha1/labels.ts';

const { script, plugin } = useScriptedCluster();

describe('resume', () => {
  const shown = { [TRADING_STATE_ANNOTATION]: 'Halted', [TRADING_STATE_REASON_ANNOTATION]: 'why' };

  it('says that a requested sale begins, and how to follow and stop it instead of how to withdraw it', async () => {
    let isLifted = false;
    const asks = (source: string, state: 'Halted' | 'Flattening') =>
      ({ source, state, author: 'bob', reason: 'why', revision: 1, since: ago(9) }) as const;
    const both = [asks('annotation', 'Halted'), asks('spec-flatten', 'Flattening')];
    const statusOf = (sources: typeof both) =>
      runningStatus({ trading: { state: 'Halted', requested: 'Halted', since: ago(9), sources } });
    script({
      [`PATCH ${STACKS}/demo`]: (response: ServerResponse) => (
        (isLifted = true),
        sendJson(response, stackOf({ managedFields: [OWN] }))
      ),
      [`GET ${STACKS}/demo`]: (response: ServerResponse) =>
        sendJson(response, stackOf({ annotations: shown, status: statusOf(isLifted ? both.slice(1) : both) })),
    });
    const { exitCode, output } = await plugin('resume demo --author ada');
    expect(exitCode).toBe(1);
    expect(output).toContain(
      'The sale of every position begins; a halt follows:\n  spec-flatten asks for Flattening for 9s, by bob: why\n' +
        'To follow the sale: kubectl tradingstack flatten -n trading demo\n' +
        'To stop the sale: kubectl tradingstack halt -n trading demo\n',
    );
    expect(output).not.toContain('lifted by');
  });
});
