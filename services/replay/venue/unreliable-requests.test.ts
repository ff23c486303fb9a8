import { expect, it } from 'vitest';
import { SOUND_VENUE, type VenueFaults } from '../core/venue-faults.ts';
import { unreliableRequests } from './unreliable-requests.ts';

/** Requests without a network; `at` sets the time. */
function requests(faults: Partial<VenueFaults>) {
  const state = { nowMs: 0, executed: 0 };
  const request = unreliableRequests(
    async (work) => await Promise.resolve(work()),
    { ...SOUND_VENUE, ...faults },
    { nowMs: () => state.nowMs },
  );
  const at = async (nowMs: number) => {
    state.nowMs = nowMs;
    return await request(() => {
      state.executed += 1;
      return { kind: 'ok', value: 1 };
    });
  };
  return { at, state };
}

it('a sound venue executes and answers', async () => {
  const { at, state } = requests({});
  expect([await at(0), state.executed]).toEqual([{ kind: 'ok', value: 1 }, 1]);
});

it('refuses every request until the limit ends, and executes none of them', async () => {
  const limits = [undefined, 2_000, undefined, undefined];
  const { at, state } = requests({ limitMs: () => limits.shift() });
  const replies = [await at(0), await at(10), await at(1_009), await at(2_010)];
  expect(replies).toEqual([
    { kind: 'ok', value: 1 },
    { kind: 'rateLimited', retryAfterMs: 2_000 },
    { kind: 'rateLimited', retryAfterMs: 1_001 },
    { kind: 'ok', value: 1 },
  ]);
  expect(state.executed).toBe(2);
});

it('bans the account at a request in a limit, and nowhere else', async () => {
  const limits = [undefined, 2_000];
  let bans = 0;
  const { at, state } = requests({
    limitMs: () => limits.shift(),
    banMs: () => ((bans += 1) === 2 ? 3_000 : undefined),
  });
  const replies = [await at(0), await at(10), await at(20), await at(30), await at(1_000), await at(3_031)];
  expect(replies).toEqual([
    { kind: 'ok', value: 1 },
    { kind: 'rateLimited', retryAfterMs: 2_000 },
    { kind: 'rateLimited', retryAfterMs: 1_990 },
    { kind: 'rateLimited', retryAfterMs: 3_000, banned: true },
    { kind: 'rateLimited', retryAfterMs: 2_030, banned: true },
    { kind: 'ok', value: 1 },
  ]);
  expect([state.executed, bans]).toEqual([2, 2]);
});

it.each([
  ['BeforeAccept', 0],
  ['AfterAccept', 1],
] as const)('fails %s with an unknown outcome', async (failure, executed) => {
  const { at, state } = requests({ failure: () => failure });
  expect(await at(0)).toMatchObject({ kind: 'unknown' });
  expect(state.executed).toBe(executed);
});
