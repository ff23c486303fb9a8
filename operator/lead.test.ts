import { expect, it } from 'vitest';
import { virtualClock } from '../test/harness/virtual-clock.ts';
import { createLead } from './lead.ts';

function setup(change: { readonly renewed?: () => Promise<void>; readonly events?: () => Promise<void> } = {}) {
  const clock = virtualClock();
  const calls: string[] = [];
  const note = async (call: string, work?: () => Promise<void>): Promise<void> => {
    calls.push(call);
    await work?.();
  };
  const lead = createLead({
    caches: { renewed: async () => await note('renew caches', change.renewed) },
    standby: { stop: async () => await note('stop standby') },
    controller: { run: async () => await note('run controller') },
    processes: [{ stop: async () => await note('stop prober') }, { stop: async () => await note('stop commands') }],
    events: { stop: async () => await note('stop events', change.events) },
    clock,
  });
  return { clock, calls, lead };
}

it('renews the caches before it decides, and stops all requests and the events after it', async () => {
  const { calls, lead } = setup();
  await lead(new AbortController().signal);
  expect(calls).toEqual([
    'renew caches',
    'stop standby',
    'run controller',
    'stop prober',
    'stop commands',
    'stop events',
  ]);
});

it('decides nothing on caches that cannot be renewed', async () => {
  const { calls, lead } = setup({ renewed: async () => await Promise.reject(new Error('not listed')) });
  await expect(lead(new AbortController().signal)).rejects.toThrow('not listed');
  expect(calls).toEqual(['renew caches']);
});

it('waits for the last events for a second at most', async () => {
  const { clock, lead } = setup({ events: async () => await new Promise(() => undefined) });
  let ended = false;
  const leading = lead(new AbortController().signal).then(() => {
    ended = true;
  });
  await clock.advance(999);
  expect(ended).toBe(false);
  await clock.advance(1);
  await leading;
});
