import { describe, expect, it } from 'vitest';
import { ago } from '../../test/fixtures/plugin-report.ts';
import { list, STACKS, stackOf, useScriptedCluster } from '../../test/harness/plugin/scripted-cluster.ts';

const { script, plugin } = useScriptedCluster();

describe('the ledger', () => {
  const balance = { asset: 'XRP', ledger: '0', venue: '177.6', reconciledAt: ago(4), tradedSince: false };
  it.each<[string, object, readonly string[]]>([
    ['a difference', { difference: '177.6' }, ['XRP    0       177.6  4s ago      177.6']],
    [
      'no difference of what was traded since',
      { difference: null, tradedSince: true },
      ['4s ago      traded since', 'Repeat the command'],
    ],
    [
      'a balance that was never read',
      { venue: null, difference: null, reconciledAt: null },
      ['unknown  never       unknown'],
    ],
  ])('shows %s', async (_what, change, lines) => {
    const found = { summary: null, balances: [{ ...balance, ...change }], postings: [] };
    script({ 'POST /apis/authorization.k8s.io': { status: { allowed: true } }, [`GET ${STACKS}`]: list(stackOf()) });
    const runProgram = async () => await Promise.resolve({ exitCode: 0, output: JSON.stringify(found), problems: '' });
    const { output } = await plugin('ledger', { runProgram });
    expect(output).toContain('ASSET  LEDGER  VENUE');
    for (const line of lines) expect(output).toContain(line);
  });
});
