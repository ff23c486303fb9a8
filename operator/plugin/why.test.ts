import { describe, expect, it } from 'vitest';
import { ago } from '../../test/fixtures/plugin-report.ts';
import { sendStatus } from '../../test/harness/kube/fake-api-server.ts';
import { healthyStatusz } from '../../test/harness/kube/processes-by-hand.ts';
import {
  forbidden,
  list,
  pod,
  PODS,
  STACKS,
  stackOf,
  useScriptedCluster,
} from '../../test/harness/plugin/scripted-cluster.ts';

const { script, plugin } = useScriptedCluster();

describe('why, of a stack that is as wanted', () => {
  const position = { symbol: 'XRP/ETH', strategy: 'breakout', cause: 'Flat', attempts: 4, reason: null, message: '' };
  const exitsOf = (...since: string[]) => ({
    ...healthyStatusz('risk', 'r'),
    exits: {
      openPositions: since.length,
      dustPositions: 0,
      positions: since.map((each) => ({ ...position, since: each })),
    },
  });
  it.each<[number, string, object]>([
    [0, 'without a position to close', exitsOf()],
    [0, 'while a position is wanted for less than a minute', exitsOf(ago(59))],
    [1, 'with a position that is not closed', exitsOf(ago(90))],
    [3, 'whose processes may not be asked', forbidden],
    [5, 'whose risk does not answer', (response: Parameters<typeof sendStatus>[0]) => sendStatus(response, 503, {})],
  ])('exits with %d %s', async (exitCode, _what, statusz) => {
    script({
      [`GET ${STACKS}`]: list(stackOf()),
      [`GET ${PODS}/`]: statusz,
      [`GET ${PODS}`]: list(pod('risk')),
      'GET /apis/events': list(),
    });
    expect(await plugin('why')).toMatchObject({ exitCode });
  });
});
