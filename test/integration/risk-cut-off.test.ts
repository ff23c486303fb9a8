import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.ts';
import { riskTestSettings as settings } from '../fixtures/risk-settings.ts';
import { activateRelease } from '../harness/stores/active-release.ts';
import { until } from '../harness/until.ts';
import { WiredRisk, type WiredProcess } from '../harness/wired-risk.ts';

/** Long before an entry of another member counts as idle, on a busy machine too. */
const SOON_MS = 15_000;
/** Longer than a process that becomes active takes up what the others have not acknowledged. */
const TAKEN_UP_MS = 2_000;
let risk: WiredRisk;
let proxy: FaultProxy;

beforeEach(async () => {
  risk = await WiredRisk.create();
  proxy = await startFaultProxy(risk.database.as('risk'));
});

afterEach(async () => {
  await proxy.close();
  await risk.close();
});

const checkOf = ({ health }: WiredProcess, name: string) => health.results().find((one) => one.name === name);
const isActive = (process: WiredProcess) => checkOf(process, 'activation')?.ok === true;

async function idsDecided(): Promise<readonly string[]> {
  const rows = (await risk.rowsOf('SELECT decision_id AS id FROM risk.decisions')) as readonly {
    readonly id: string;
  }[];
  return rows.map(({ id }) => id);
}

it('keeps no signals from the release that is active, once it is cut off from Postgres alone', async () => {
  const cutOff = await risk.start({}, 'r', { host: '127.0.0.1', port: proxy.port });
  await until(() => isActive(cutOff), SOON_MS);
  proxy.blackhole();
  proxy.cut();
  await until(() => checkOf(cutOff, 'activation')?.reason === 'ActivationUnknown', SOON_MS);
  const next = await risk.start({}, 'next');
  await activateRelease(risk.database.pool, settings.stack.id, 'next');
  await until(() => isActive(next), SOON_MS);
  await sleep(TAKEN_UP_MS);
  // Redis gives each one to the member that has waited longest: of two members that read, both would get some.
  for (let count = 0; count < 4; count += 1) {
    const id = await risk.publishSignal('Long');
    await until(async () => (await idsDecided()).includes(id), SOON_MS);
  }
  await until(async () => (await risk.unacknowledged()) === 0, SOON_MS);
  expect(cutOff.status()['activation']).toEqual({ role: 'active', epoch: 1, release: 'r' });
});

it('is heard only while it works the exits', async () => {
  const heardAt = async () => JSON.stringify(await risk.rowsOf('SELECT heard_at::text FROM risk.active_release'));
  const before = await heardAt();
  const session = await risk.database.pool.connect();
  await session.query('BEGIN; LOCK TABLE trading.positions IN ACCESS EXCLUSIVE MODE');
  try {
    const active = await risk.start({});
    await until(() => isActive(active), SOON_MS);
    await sleep(2_000);
    expect([await heardAt(), checkOf(active, 'exits')?.ok]).toEqual([before, false]);
  } finally {
    await session.query('ROLLBACK');
    session.release();
  }
  await until(async () => (await heardAt()) !== before, SOON_MS);
  expect(risk.check('exits')).toBe('Ok: ');
});
