import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { MemoryExecutionStore } from '../../execution/store/memory/memory-execution-store.ts';
import { MemoryRiskStore } from '../../replay/memory-risk-store.ts';
import { createActivation, type Activation } from './activation.ts';

const log = pino(
  { level: 'warn' },
  { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) },
);
let clock: VirtualClock;
let record: MemoryExecutionStore;
let store: MemoryRiskStore;
let ending: AbortController;
let woken: string[];
let isDown: boolean;
let isWorking: boolean;
/** What a renewal waits for before it is stored. */
let renewing: Promise<void> | undefined;
/** What an activation waits for, before it is stored and before the reply. */
let activating: Promise<void> | undefined;
let replying: Promise<void> | undefined;
let logged: string[];

beforeEach(() => {
  clock = virtualClock();
  record = new MemoryExecutionStore();
  record.activeRelease = { epoch: 1, release: 'a', isStale: false };
  store = new MemoryRiskStore(record, () => {}, { nowMs: () => clock.monotonicMs() });
  ending = new AbortController();
  woken = [];
  isDown = false;
  isWorking = true;
  renewing = undefined;
  activating = undefined;
  replying = undefined;
  logged = [];
});

afterEach(() => ending.abort(new Error('the test ends')));

async function start(release: string): Promise<Activation> {
  const observeRelease: typeof store.observeRelease = async () => {
    if (isDown) throw new Error('Postgres is unavailable');
    return await store.observeRelease();
  };
  const renewRelease: typeof store.renewRelease = async (own) => {
    if (isDown) throw new Error('Postgres is unavailable');
    await renewing;
    await store.renewRelease(own);
  };
  const activateRelease: typeof store.activateRelease = async (wanted) => {
    await activating;
    const active = await store.activateRelease(wanted);
    await replying;
    return active;
  };
  const onActive = (): void => void woken.push(release);
  const activation = createActivation({
    store: { observeRelease, renewRelease, activateRelease },
    release,
    works: () => isWorking,
    onActive,
    clock,
    log,
  });
  void activation.run(ending.signal);
  await Promise.resolve();
  return activation;
}

describe('a process of risk', () => {
  it('decides nothing, and fails its check, before it has read which release is active', async () => {
    isDown = true;
    const activation = await start('a');
    await clock.advance(1_000);
    expect([activation.scope(), activation.check().reason]).toEqual(['None', 'ActivationUnknown']);
    expect(activation.status()).toEqual({ role: 'armed', epoch: 0, release: null });
    isDown = false;
    await clock.advance(250);
    expect([activation.scope(), activation.check().ok, woken]).toEqual(['All', true, ['a']]);
  });

  it('is active after a restart without being activated again', async () => {
    const activation = await start('a');
    await clock.advance(1);
    expect(activation.scope()).toBe('All');
    expect(activation.status()).toEqual({ role: 'active', epoch: 1, release: 'a' });
  });

  it('is active from its activation on, and the one before learns it within 250 ms', async () => {
    const [old, next] = [await start('a'), await start('b')];
    await clock.advance(1);
    expect([next.scope(), next.check()]).toEqual([
      'None',
      { ok: false, reason: 'ReleaseArmed', message: 'release a is active in epoch 1, and decides' },
    ]);
    expect(await next.activate(2)).toEqual({ accepted: true, epoch: 2, reason: '' });
    expect([next.scope(), next.check().ok, woken]).toEqual(['All', true, ['a', 'b']]);
    await clock.advance(250);
    expect([old.scope(), old.check().reason, old.status().epoch]).toEqual(['None', 'ReleaseArmed', 2]);
    expect(await next.activate(2)).toMatchObject({ accepted: true });
    expect(woken).toEqual(['a', 'b']);
  });

  it('is not activated in an epoch that is not above that of another release', async () => {
    const next = await start('b');
    expect(await next.activate(1)).toEqual({
      accepted: false,
      epoch: 1,
      reason: 'release a is active in epoch 1',
    });
    expect([next.scope(), woken]).toEqual(['None', []]);
  });

  it('decides exits only while no release is active, or the active one is silent', async () => {
    record.activeRelease = undefined;
    const activation = await start('b');
    await clock.advance(1);
    expect([activation.scope(), activation.status().role, activation.check().reason]).toEqual([
      'Exits',
      'armed',
      'ReleaseArmed',
    ]);
    record.activeRelease = { epoch: 1, release: 'a', isStale: true };
    await clock.advance(4_750);
    expect([activation.scope(), woken]).toEqual(['None', []]);
    await clock.advance(750);
    expect([activation.scope(), woken]).toEqual(['Exits', []]);
  });

  it('of the active release that does not work the exits leaves them to another one', async () => {
    isWorking = false;
    const [active, armed] = [await start('a'), await start('b')];
    await clock.advance(6_000);
    expect([active.scope(), armed.scope()]).toEqual(['All', 'Exits']);
    isWorking = true;
    await clock.advance(500);
    expect([active.scope(), armed.scope()]).toEqual(['All', 'None']);
  });

  it('reads signals while a renewal waits, or fails, which it logs once', async () => {
    const waiting = Promise.withResolvers<void>();
    renewing = waiting.promise;
    const [active, armed] = [await start('a'), await start('b')];
    await clock.advance(20_000);
    expect([active.takesSignals(), active.check().ok, armed.scope(), logged]).toEqual([true, true, 'Exits', []]);
    waiting.reject(new Error('canceling statement due to statement timeout'));
    await clock.advance(20_000);
    expect([active.takesSignals(), logged]).toEqual([true, ['active release of risk not renewed']]);
    renewing = undefined;
    await clock.advance(500);
    expect(armed.scope()).toBe('None');
  });

  it('takes no release for silent because of an outage of the record', async () => {
    // After the outage the armed process looks first, before the active one can have renewed.
    const armed = await start('b');
    await clock.advance(125);
    const active = await start('a');
    await clock.advance(2_175);
    const scopes = new Set<string>();
    for (let outage = 0; outage < 3; outage += 1) {
      isDown = true;
      await clock.advance(120_100);
      isDown = false;
      for (let ms = 0; ms < 2_000; ms += 50) {
        await clock.advance(50);
        scopes.add(`${active.scope()} ${armed.scope()}`);
      }
    }
    expect([...scopes]).toEqual(['All None']);
  });

  it('knows until when it decided, and not while it does not know whether it does', async () => {
    const [old, next] = [await start('a'), await start('b')];
    await clock.advance(1_000);
    isDown = true;
    await clock.advance(4_000);
    await next.activate(2);
    const activatedMs = clock.monotonicMs();
    const around = () => [activatedMs - 1, activatedMs + 1].map(old.decidedAt);
    expect(around()).toEqual([true, true]);
    await clock.advance(60_000);
    expect(around()).toEqual([undefined, undefined]);
    isDown = false;
    await clock.advance(250);
    expect(around()).toEqual([true, false]);
    expect([next.decidedAt(activatedMs), next.decidedAt(clock.monotonicMs())]).toEqual([true, true]);
  });

  it('knows whether the active release was heard after a time, by two looks after it', async () => {
    const armed = await start('b');
    await clock.advance(125);
    await start('a');
    await clock.advance(2_075);
    const renewedBeforeMs = clock.monotonicMs();
    await clock.advance(100);
    expect(armed.heardSince(renewedBeforeMs)).toBe(false);
    await clock.advance(250);
    expect(armed.heardSince(renewedBeforeMs)).toBe(true);
    isWorking = false;
    await clock.advance(500);
    const silentMs = clock.monotonicMs();
    await clock.advance(4_000);
    await armed.activate(1);
    expect([armed.heardSince(renewedBeforeMs), armed.heardSince(silentMs)]).toEqual([true, false]);
    isWorking = true;
    await clock.advance(500);
    expect(armed.heardSince(silentMs)).toBe(true);
  });

  it('does not take back its activation for a look that began before it', async () => {
    record.activeRelease = { epoch: 1, release: 'a', isStale: false };
    let looks = 0;
    const slow: Pick<MemoryRiskStore, 'observeRelease' | 'renewRelease' | 'activateRelease'> = {
      renewRelease: store.renewRelease,
      observeRelease: async () => {
        const seen = await store.observeRelease();
        looks += 1;
        await clock.sleep(40);
        return seen;
      },
      activateRelease: async (wanted) => {
        const active = await store.activateRelease(wanted);
        await clock.sleep(10);
        return active;
      },
    };
    const onActive = (): void => void woken.push('b');
    const activation = createActivation({ store: slow, release: 'b', works: () => true, onActive, clock, log });
    void activation.run(ending.signal);
    await clock.advance(300);
    expect([looks, activation.scope()]).toEqual([2, 'None']);
    const activated = activation.activate(2);
    await clock.advance(10);
    await activated;
    const scopes = new Set<string>();
    for (let ms = 0; ms < 500; ms += 5) {
      scopes.add(activation.scope());
      await clock.advance(5);
    }
    expect([[...scopes], woken, looks > 2]).toEqual([['All'], ['b'], true]);
  });

  it('lets no late reply to an activation take back what a look has read since', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    replying = released;
    const next = await start('b');
    await clock.advance(300);
    const activated = next.activate(2);
    await clock.advance(300);
    expect(next.scope()).toBe('All');
    await store.activateRelease({ epoch: 3, release: 'a' });
    await clock.advance(300);
    release();
    expect(await activated).toMatchObject({ accepted: true });
    expect([next.scope(), next.status().epoch, woken]).toEqual(['None', 3, ['b']]);
  });

  it('looks at once after an activation that waited while looks ended', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    activating = released;
    const next = await start('b');
    await clock.advance(300);
    const activated = next.activate(2);
    await clock.advance(500);
    expect(next.scope()).toBe('None');
    release();
    await activated;
    await clock.advance(1);
    expect([next.scope(), woken]).toEqual(['All', ['b']]);
  });

  it('keeps what it knows while the record is unavailable, reports it as unknown, and reads no signals', async () => {
    const [activation, armed] = [await start('a'), await start('b')];
    await clock.advance(1);
    isDown = true;
    await clock.advance(4_900);
    expect([activation.check().ok, activation.takesSignals(), armed.takesSignals()]).toEqual([true, true, false]);
    await clock.advance(55_100);
    expect([activation.scope(), activation.takesSignals()]).toEqual(['All', false]);
    expect(activation.check()).toEqual({
      ok: false,
      reason: 'ActivationUnknown',
      message: 'the active release of risk was read 60 s ago',
    });
    expect(armed.check().reason).toBe('ActivationUnknown');
    isDown = false;
    await clock.advance(250);
    expect([activation.check().ok, activation.takesSignals(), armed.takesSignals()]).toEqual([true, true, false]);
  });
});
