import { expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import type { TradingStackObject } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import type { Stored } from '../../kube/client/resource.ts';
import { createClaims } from './claim.ts';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:01:00.000Z';

function stackWith(status: unknown, uid = 'u'): Stored<TradingStackObject> {
  const metadata = { namespace: 'trading', name: 'demo', uid, resourceVersion: '1' };
  return { apiVersion: 'tradingstack.dev/v1alpha1', kind: 'TradingStack', metadata, status };
}

/** Shows each status for so many seconds, and returns the last claim. */
async function claimAfter(...shown: readonly (readonly [status: unknown, seconds: number])[]) {
  const clock = virtualClock();
  const claims = createClaims({ installation: 'a/operator', clock });
  for (const [status, seconds] of shown) {
    claims.of(stackWith(status));
    await clock.advance(seconds * 1_000);
  }
  return claims.of(stackWith(shown.at(-1)?.[0]));
}

const own = { operator: 'a/operator', observedAt: AT };
const other = { operator: 'b/operator', observedAt: AT };

it.each([
  ['a stack without status', [[undefined, 0]], { kind: 'Free', after: undefined }],
  [
    'a released one',
    [
      [other, 10],
      [{ observedAt: AT }, 0],
    ],
    { kind: 'Free', after: undefined },
  ],
  ['its own', [[own, 119]], { kind: 'Own' }],
  ['its own, that it could not renew for two minutes', [[own, 120]], { kind: 'Free', after: undefined }],
  [
    'its own, renewed',
    [
      [own, 119],
      [{ ...own, observedAt: LATER }, 119],
    ],
    { kind: 'Own' },
  ],
  ['that of another', [[other, 100]], { kind: 'Foreign', holder: 'b/operator', leftMs: 80_000 }],
  ['that of another until the last moment', [[other, 179]], { kind: 'Foreign', holder: 'b/operator', leftMs: 1_000 }],
  ['that of another, which has expired', [[other, 180]], { kind: 'Free', after: 'b/operator' }],
  [
    'renewed',
    [
      [other, 179],
      [{ ...other, observedAt: LATER }, 60],
    ],
    { kind: 'Foreign', holder: 'b/operator', leftMs: 120_000 },
  ],
  [
    'of a clock that is an hour behind',
    [[{ ...other, observedAt: '2025-12-31T23:00:00.000Z' }, 0]],
    { kind: 'Foreign', holder: 'b/operator', leftMs: 180_000 },
  ],
  [
    'taken over from itself',
    [
      [own, 179],
      [other, 0],
    ],
    { kind: 'Foreign', holder: 'b/operator', leftMs: 180_000 },
  ],
] as const)('%s', async (_what, shown, claim) => {
  expect(await claimAfter(...shown)).toEqual(claim);
});

it('is its own for as long as a claim lasts where the API server stores none, and never that of another', async () => {
  const clock = virtualClock();
  const claims = createClaims({ installation: 'a/operator', clock });
  claims.waive('trading/demo');
  expect(claims.of(stackWith({}))).toEqual({ kind: 'Own' });
  expect(claims.of(stackWith(other))).toMatchObject({ kind: 'Foreign' });
  await clock.advance(180_000);
  expect(claims.of(stackWith({}))).toMatchObject({ kind: 'Free' });
});

it('starts again for a stack that was recreated or forgotten', async () => {
  const clock = virtualClock();
  const claims = createClaims({ installation: 'a/operator', clock });
  claims.of(stackWith(other));
  await clock.advance(180_000);
  expect(claims.of(stackWith(other, 'v'))).toMatchObject({ kind: 'Foreign' });
  await clock.advance(180_000);
  claims.forget('trading/demo');
  expect(claims.of(stackWith(other, 'v'))).toMatchObject({ kind: 'Foreign' });
});
