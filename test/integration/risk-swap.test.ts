import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { askPod } from '../../operator/pods/ask-pod.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { riskTestSettings as settings } from '../fixtures/risk-settings.ts';
import { until } from '../harness/until.ts';
import { WiredRisk, type WiredProcess } from '../harness/wired-risk.ts';

/** Longest time without a decision around the change, on a busy machine. An idle one takes a tenth of it. */
const GAP_MS = 2_000;
/** Long before an entry of another member counts as idle. */
const SOON_MS = 5_000;
let risk: WiredRisk;

beforeEach(async () => {
  risk = await WiredRisk.create();
});

afterEach(async () => {
  await risk.close();
});

async function activate({ port }: WiredProcess, epoch: number, token = 'token') {
  const { status, text } = await askPod(`http://127.0.0.1:${port}/control/activate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ epoch }),
    signal: AbortSignal.timeout(SOON_MS),
  });
  return { status, answer: JSON.parse(text) as object };
}

const roleOf = ({ status }: WiredProcess): unknown => status()['activation'];
const checkOf = ({ health }: WiredProcess) => health.results().find(({ name }) => name === 'activation');

it('changes the release of risk under load: no signal is lost, none is decided twice, and none waits for long', async () => {
  const old = await risk.start({});
  const next = await risk.start({}, 'next');
  await until(() => checkOf(old)?.ok === true && checkOf(next)?.reason === 'ReleaseArmed', SOON_MS);
  const sent: string[] = [];
  const ended = new AbortController();
  const load = (async () => {
    while (!ended.signal.aborted) {
      sent.push(await risk.publishSignal('Long'));
      await sleep(20);
    }
  })();
  await sleep(1_500);
  expect(await activate(next, 2)).toEqual({ status: 200, answer: { accepted: true, epoch: 2, reason: '' } });
  const answeredAt = new Date();
  await sleep(2_500);
  ended.abort();
  await load;
  await until(async () => (await risk.unacknowledged()) === 0, SOON_MS);
  const [newest] = sent.slice(-1);
  await until(async () => (await idsDecided()).includes(newest), SOON_MS);

  expect([roleOf(old), roleOf(next)]).toEqual([
    { role: 'armed', epoch: 2, release: 'next' },
    { role: 'active', epoch: 2, release: 'next' },
  ]);
  expect([checkOf(old)?.reason, checkOf(next)?.ok]).toEqual(['ReleaseArmed', true]);
  const decided = await decisions();
  expect(new Set(decided.map(({ release }) => release))).toEqual(new Set(['r', 'next']));
  expect(decided.filter(({ release, at }) => release === 'r' && at >= answeredAt)).toEqual([]);
  const times = decided.map(({ at }) => at.getTime());
  expect(Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)))).toBeLessThan(GAP_MS);
});

it('refuses an epoch that is not above the one of another release, and a wrong token', async () => {
  const old = await risk.start({});
  const next = await risk.start({}, 'next');
  expect(await activate(next, 1)).toMatchObject({ status: 409, answer: { accepted: false, epoch: 1 } });
  expect(await activate(next, 2, 'other')).toMatchObject({ status: 401 });
  expect(await activate(next, 0)).toMatchObject({ status: 400 });
  expect(await activate(next, 3)).toMatchObject({ status: 200 });
  expect(await activate(old, 3)).toMatchObject({ status: 409, answer: { epoch: 3 } });
  expect(await activate(old, 4)).toMatchObject({ status: 200 });
  await until(() => checkOf(next)?.reason === 'ReleaseArmed', SOON_MS);
});

it('works an exit in the release that is active, once, and takes up what the one before left', async () => {
  await hold('50');
  const stops = { stopLossPercent: parseDecimal('5') };
  const change = { sizing: settings.sizing.map((one) => ({ ...one, stops })) };
  await risk.start(change);
  const next = await risk.start(change, 'next');
  await until(async () => (await risk.rowsOf('SELECT FROM risk.stops')).length === 1, 10_000);
  await risk.publishBook('0.0014', '0.001401');
  await activate(next, 2);
  const activatedMs = Date.now();
  await until(async () => {
    await risk.publishBook('0.00131', '0.001311');
    return (await decisions()).some(({ approved }) => approved);
  }, 10_000);
  const workedMs = Date.now() - activatedMs;
  await sleep(1_500);
  expect((await decisions()).filter(({ approved }) => approved)).toMatchObject([{ release: 'next' }]);
  // Two books a second apart confirm the price; the rest is the change of the release.
  expect(workedMs).toBeLessThan(GAP_MS + 2_000);
});

it('sells for a strategy that is flat while no release is active, and takes a signal to buy once one is', async () => {
  await risk.rowsOf('DELETE FROM risk.active_release');
  await hold('50');
  const next = await risk.start({}, 'next');
  await until(() => checkOf(next)?.reason === 'ReleaseArmed', SOON_MS);
  await risk.publishSignal('Flat');
  await until(async () => {
    await risk.publishBook('0.0014', '0.001401');
    return (await decisions()).some(({ approved }) => approved);
  }, SOON_MS);
  await risk.publishSignal('Long');
  await sleep(1_500);
  expect(await risk.unacknowledged()).toBe(1);
  expect(await risk.rowsOf('SELECT stance FROM risk.stances')).toEqual([{ stance: 'Flat' }]);
  await activate(next, 1);
  await until(async () => (await risk.unacknowledged()) === 0, SOON_MS);
  expect(await risk.rowsOf('SELECT stance FROM risk.stances')).toEqual([{ stance: 'Long' }]);
});

async function hold(quantity: string): Promise<void> {
  await risk.database.pool.query(
    `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ($1, 'trend', 'XRP/ETH', $2, 0.07, 0)`,
    [settings.stack.id, quantity],
  );
  await risk.setBalance('XRP', quantity);
}

interface Decision {
  readonly id: string;
  readonly release: string;
  readonly approved: boolean;
  readonly at: Date;
}

async function decisions(): Promise<readonly Decision[]> {
  const rows = await risk.rowsOf(
    'SELECT decision_id AS id, release, approved, decided_at AS at FROM risk.decisions ORDER BY decided_at, decision_id',
  );
  return rows as readonly Decision[];
}

async function idsDecided(): Promise<readonly (string | undefined)[]> {
  return (await decisions()).map(({ id }) => id);
}
