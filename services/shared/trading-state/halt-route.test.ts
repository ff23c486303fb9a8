import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tradingStateResponse } from '../contracts/control.ts';
import { systemClock } from '../runtime/clock.ts';
import { createHttpServer, type HttpServer } from '../runtime/http/http-server.ts';
import { createLogger } from '../runtime/logger.ts';
import { haltRoute } from './halt-route.ts';
import { TradingStates } from './trading-states.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const TOKEN = 'secret';
const HALT = { source: 'spec', state: 'Halted', author: 'ada', reason: 'why', revision: 2 };
let server: HttpServer;
let states: TradingStates;
let url: string;
let saves: () => Promise<void>;

beforeEach(async () => {
  saves = async () => await Promise.resolve();
  const store = {
    readTradingStates: async () => await Promise.resolve([]),
    setTradingState: async () => {
      await saves();
      return undefined;
    },
  };
  states = new TradingStates({ store, clock: systemClock, log });
  await states.load();
  void states.run(new AbortController().signal);
  server = createHttpServer({
    port: 0,
    host: '127.0.0.1',
    log,
    routes: [
      haltRoute(
        () => TOKEN,
        states,
        () => 3,
      ),
    ],
  });
  url = `http://127.0.0.1:${await server.listen()}/control/halt`;
});
afterEach(async () => {
  await server.close(0);
});

async function post(body: unknown, token = TOKEN): Promise<{ readonly status: number; readonly body: unknown }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

describe('POST /control/halt', () => {
  it('applies the state and answers with what applies now, in the form of the contract', async () => {
    const answer = await post(HALT);
    expect(answer.status).toBe(200);
    expect(tradingStateResponse.parse(answer.body)).toMatchObject({
      state: 'Halted',
      persisted: true,
      openOrders: 3,
      sources: [HALT],
    });
    expect(states.state).toBe('Halted');
  });

  it('ignores fields that a newer operator sends', async () => {
    expect((await post({ ...HALT, flatten: true })).status).toBe(200);
    expect(states.state).toBe('Halted');
  });

  it('replaces control characters in texts, which Postgres or a terminal would not take', async () => {
    await post({ ...HALT, author: 'a\u0000da', reason: 'flash\u001B[2Jcrash\n' });
    expect(states.sources).toMatchObject([{ author: 'a da', reason: 'flash [2Jcrash ' }]);
  });

  it('refuses a lift whose revision is not newer, and says what applies', async () => {
    await post(HALT);
    const answer = await post({ ...HALT, state: 'Active' });
    expect(answer).toMatchObject({ status: 409, body: { state: 'Halted', reason: 'revision 2 is not above 2' } });
    expect((await post({ ...HALT, state: 'Active', revision: 3 })).status).toBe(200);
    expect(states.state).toBe('Active');
  });

  it('refuses a copy whose revision is not newer than the lift, and takes the command itself', async () => {
    await post({ ...HALT, state: 'Active' });
    const copy = await post({ ...HALT, copied: true });
    expect(copy).toMatchObject({ status: 409, body: { state: 'Active', reason: 'revision 2 is not above 2' } });
    expect((await post(HALT)).status).toBe(200);
    expect(states.state).toBe('Halted');
  });

  it.each([
    ['an unknown state', { ...HALT, state: 'Paused' }, 'state'],
    ['no state', { ...HALT, state: undefined }, 'state'],
    ['a source of another form', { ...HALT, source: 'The Desk' }, 'source'],
    ['a negative revision', { ...HALT, revision: -1 }, 'revision'],
    ['a mark of another type', { ...HALT, copied: 'yes' }, 'copied'],
  ])('answers 400 with the field for %s, and changes nothing', async (_what, body, field) => {
    await post(HALT);
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(field);
    expect(states.state).toBe('Halted');
  });

  it('answers 401 without the token, and changes nothing', async () => {
    expect((await post(HALT, 'wrong')).status).toBe(401);
    expect(states.state).toBe('Active');
  });

  it('applies the state although the record does not answer, and says that it is not saved', async () => {
    saves = async () => await new Promise(() => {});
    const answer = post(HALT);
    await expect.poll(() => states.state).toBe('Halted');
    expect(await answer).toMatchObject({ status: 200, body: { state: 'Halted', persisted: false } });
  });
});
