import { afterEach, describe, expect, it } from 'vitest';
import { answering, startMisbehavingVenue } from '../../../../test/faults/misbehaving-venue.ts';
import { systemClock, type Clock } from '../../runtime/clock.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createMexcClient, type MexcClient } from './trading-client.ts';

const NOW = 1_700_000_000_130;
/** Between the comparison of the clocks and the cancellation. */
const PASSED_MS = 7_000;
const ACCOUNT = { apiKey: 'key', secretKey: 'secret', symbols: ['XRP/ETH'], recvWindowMs: 1_500, deadlineMs: 300 };
const log = createLogger({ name: 'test', level: 'silent' });
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

function clientOf(restUrl: string, clock: Clock): MexcClient {
  const client = createMexcClient({ ...ACCOUNT, restUrl, clock, log });
  open.push(async () => await Promise.resolve(client.close()));
  return client;
}

describe('the timestamp of a cancellation', () => {
  /** A venue whose clock is 50 ms ahead when the clocks are compared. Then time passes, and our wall clock is set. */
  async function compared(stepMs: number, answer: object = { orderId: 'V1' }) {
    let wallMs = NOW;
    let monotonicMs = 5.25;
    const meanwhile = { passMs: 0 };
    const venue = await startMisbehavingVenue((request, response) => {
      const isTime = request.url?.includes('/time') === true;
      wallMs += meanwhile.passMs;
      monotonicMs += meanwhile.passMs;
      answering(isTime || 'orderId' in answer ? 200 : 400, isTime ? { serverTime: NOW + 50 } : answer)(
        request,
        response,
      );
    });
    open.push(async () => await venue.close());
    const clock = { ...systemClock, nowMs: () => wallMs, monotonicMs: () => monotonicMs };
    const client = clientOf(venue.restUrl, clock);
    const cancel = async () => {
      const reply = await client.cancel('XRP/ETH', 'abc234');
      const query = venue.seen.at(-1)?.url?.split('?')[1];
      return { reply, stampMs: Number(new URLSearchParams(query).get('timestamp')) };
    };
    const before = (await cancel()).stampMs;
    expect(await client.clockSkewMs()).toEqual({ kind: 'ok', value: 50 });
    wallMs += stepMs + PASSED_MS;
    monotonicMs += PASSED_MS;
    return { cancel, before, meanwhile };
  }

  it.each([-3_600_000, 3_600_000])("is the venue's time after our clock was set by %d ms", async (stepMs) => {
    const { cancel, before } = await compared(stepMs);
    expect(before).toBe(NOW);
    expect(await cancel()).toEqual({ reply: { kind: 'ok', value: undefined }, stampMs: NOW + PASSED_MS + 50 });
  });

  it('is our own time again once the venue has refused that, as after a sleep of the machine', async () => {
    const { cancel } = await compared(3_600_000, { code: 700003, msg: 'outside of the recvWindow' });
    expect(await cancel()).toMatchObject({
      reply: { kind: 'rejected', code: '700003' },
      stampMs: NOW + PASSED_MS + 50,
    });
    expect((await cancel()).stampMs).toBe(NOW + PASSED_MS + 3_600_000);
  });

  it("stays the venue's time after a refusal that a slow network alone explains", async () => {
    const { cancel, meanwhile } = await compared(3_600_000, { code: 700003, msg: 'outside of the recvWindow' });
    meanwhile.passMs = ACCOUNT.recvWindowMs;
    await cancel();
    meanwhile.passMs = 0;
    const stampMs = NOW + PASSED_MS + 50 + ACCOUNT.recvWindowMs;
    expect(await cancel()).toMatchObject({ reply: { code: '700003' }, stampMs });
    expect((await cancel()).stampMs).toBe(stampMs - 50 + 3_600_000);
  });
});
