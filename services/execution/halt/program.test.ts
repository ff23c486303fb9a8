import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../test/harness/stores/native-server.ts';
import type { SourceState, TradingState } from '../../shared/domain/trading-state.ts';
import { systemClock, type Clock } from '../../shared/runtime/clock.ts';
import { ConfigError } from '../../shared/runtime/errors.ts';
import { Health } from '../../shared/runtime/health.ts';
import { createHttpServer, type HttpServer } from '../../shared/runtime/http/http-server.ts';
import { statusRoutes } from '../../shared/runtime/http/status-routes.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { haltRoute } from '../../shared/trading-state/halt-route.ts';
import { TradingStates, type StateJournal } from '../../shared/trading-state/trading-states.ts';
import type { HaltConfig } from './config.ts';
import { runProgram } from './program.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const TOKEN = 'token-of-the-stack';
const START_MS = 1_767_225_600_000;

/** What the venue listed, and when, in milliseconds since the start of the program; null before its first answer. */
interface Listing {
  readonly count: number;
  readonly atMs: number;
}

let server: HttpServer;
let states: TradingStates;
let stop: AbortController;
let config: HaltConfig;
let postgresIsUp: boolean;
let journalIsUp: boolean;
let elapsedMs: number;
let listing: Listing | null;
/** What happens at a second of the program's wait. */
let events: Map<number, () => unknown>;
let printed: string[];
let problems: string[];

/** Time passes only while the program waits, so that every answer of the process takes no time. */
const clock: Clock = {
  nowMs: () => START_MS + elapsedMs,
  monotonicMs: () => elapsedMs,
  sleep: async (ms) => {
    elapsedMs += ms;
    await events.get(elapsedMs / 1_000)?.();
  },
};

beforeEach(async () => {
  [postgresIsUp, journalIsUp, elapsedMs, listing, events] = [true, true, 0, null, new Map()];
  [printed, problems] = [[], []];
  stop = new AbortController();
  states = createStates();
  await states.load();
  server = createServer();
  config = { url: `http://127.0.0.1:${await server.listen()}`, token: TOKEN, author: 'pod-1' };
});
afterEach(async () => {
  stop.abort();
  await server.close(0);
});

function createStates(): TradingStates {
  const answer = async <T>(value: T): Promise<T> =>
    await (postgresIsUp ? Promise.resolve(value) : Promise.reject(new Error('Postgres is unavailable')));
  const store = {
    readTradingStates: async () => await answer<readonly SourceState[]>([]),
    setTradingState: async () => await answer(undefined),
  };
  const journal: StateJournal = {
    read: () => [],
    write: async () => await (journalIsUp ? Promise.resolve() : Promise.reject(new Error('ENOSPC'))),
  };
  const created = new TradingStates({ store, journal, clock: systemClock, log });
  void created.run(stop.signal);
  return created;
}

function createServer(): HttpServer {
  const openOrders = () => (listing === null ? null : { count: listing.count, ageMs: elapsedMs - listing.atMs });
  const sender = () => ({ role: 'active', fenceEpoch: 1, epoch: 1, openOrders: openOrders() });
  const identity = { service: 'execution', release: 'r', incarnation: 'i', startedAt: new Date(0) };
  const status = statusRoutes({
    ...identity,
    health: new Health(),
    metrics: new Registry(),
    statusFields: () => ({ sender: sender(), trading: states.status() }),
  });
  const routes = [
    ...status,
    haltRoute(
      () => TOKEN,
      states,
      () => listing?.count ?? null,
    ),
  ];
  return createHttpServer({ port: 0, host: '127.0.0.1', log, routes });
}

async function run(...args: readonly string[]): Promise<number> {
  const exitCode = await runProgram(args, {
    readConfig: () => config,
    clock,
    print: (line) => printed.push(line),
    printProblem: (line) => problems.push(line),
  });
  expect([...printed, ...problems].join('\n')).not.toContain(TOKEN);
  return exitCode;
}

/** The venue lists this many orders at each second from now on. */
function venueLists(...counts: readonly number[]): void {
  counts.forEach((count, index) =>
    events.set(index + 1, () => {
      listing = { count, atMs: elapsedMs };
    }),
  );
}

function requestedBySpec(state: TradingState): void {
  states.apply({ source: 'spec', state, author: 'ada', reason: 'flash crash', revision: 1 });
}

function haltedAfterSale(author = 'risk'): void {
  states.apply({ source: 'flatten', state: 'Halted', author, reason: 'every position is closed', revision: 1 });
}

describe('a halt', () => {
  it('applies as source command, shows the open orders each second, and ends when the venue has none', async () => {
    venueLists(12, 1, 0, 0);
    expect(await run('--reason', 'why', '--author', 'ada')).toBe(0);
    expect(states.sources).toMatchObject([
      { source: 'command', state: 'Halted', author: 'ada', reason: 'why', revision: START_MS },
    ]);
    expect(printed).toEqual([
      'Applied: source command asks for Halted. The trading state is Halted. No order is sent any more; resting orders are being cancelled.',
      'Saved in Postgres: other processes follow.',
      '1 s: 12 orders are open at the venue (listed 0.0 s ago)',
      '2 s: 1 order is open at the venue (listed 0.0 s ago)',
      'Confirmed: no orders are open at the venue (listed 0.0 s ago).\nResume with: node /app/halt.mjs --resume',
    ]);
    expect(problems).toEqual([]);
  });

  it('is not confirmed by an empty list from before it, nor from when a request may have been on its way', async () => {
    listing = { count: 0, atMs: -500 };
    events.set(2, () => {
      listing = { count: 0, atMs: 1_900 };
    });
    events.set(7, () => {
      listing = { count: 0, atMs: 6_000 };
    });
    expect(await run()).toBe(0);
    expect(printed.slice(2, 5)).toEqual([
      '1 s: no orders are open at the venue (listed 1.5 s ago); waiting for requests that were on their way',
      '2 s: no orders are open at the venue (listed 0.1 s ago); waiting for requests that were on their way',
      '3 s: no orders are open at the venue (listed 1.1 s ago); waiting for requests that were on their way',
    ]);
    expect(printed.at(-1)).toContain('Confirmed: no orders are open at the venue (listed 1.0 s ago)');
    expect(elapsedMs).toBe(7_000);
  });

  it('names the author of the environment, and who else restricts trading', async () => {
    requestedBySpec('Reducing');
    venueLists(0, 0, 0);
    expect(await run()).toBe(0);
    expect(states.sources).toContainEqual(expect.objectContaining({ source: 'command', author: 'pod-1' }));
    expect(printed[2]).toMatch(/^Also requested: spec Reducing since 20\d\d-.*Z by ada: flash crash$/);
  });

  it('works while Postgres is unavailable, and says where it is kept', async () => {
    postgresIsUp = false;
    venueLists(0, 0, 0);
    expect(await run()).toBe(0);
    expect(states.state).toBe('Halted');
    expect(printed[1]).toContain('Not saved in Postgres yet. The disk of this pod has it');
  });

  it('says so when the disk of the pod does not have it either', async () => {
    postgresIsUp = false;
    journalIsUp = false;
    venueLists(0, 0, 0);
    expect(await run()).toBe(0);
    expect(printed[1]).toContain('Not saved in Postgres yet, nor on the disk of this pod: only the process has it.');
  });

  it.each([
    ['orders stay open', { count: 2, atMs: 9_000 }, '2 orders are open at the venue (listed 1.0 s ago)'],
    ['the venue never answers', null, 'the venue has not listed the open orders yet'],
    ['the list is old', { count: 0, atMs: 2_000 }, 'no orders are open at the venue (listed 8.0 s ago)'],
  ])('fails with the remedy when %s until the time-out', async (_what, last, line) => {
    listing = last;
    expect(await run('--timeout', '10')).toBe(1);
    expect(elapsedMs).toBe(10_000);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`Not confirmed within 10 s: ${line}`);
    expect(problems[0]).toContain("cancel the orders on the venue's own page");
  });

  it('goes on waiting while the process does not answer, and fails when it stays silent', async () => {
    events.set(2, async () => await server.close(0));
    listing = { count: 1, atMs: 0 };
    expect(await run('--timeout', '4')).toBe(1);
    expect(printed.at(-1)).toMatch(/^3 s: the process does not answer: .*ECONNREFUSED/);
    expect(problems[0]).toContain('Not confirmed within 4 s: the process does not answer');
  });

  it('that somebody lifts meanwhile is not confirmed', async () => {
    venueLists(0);
    events.set(2, () => {
      states.apply({ source: 'command', state: 'Active', author: 'bob', reason: '', revision: START_MS + 1 });
    });
    expect(await run()).toBe(1);
    expect(problems).toEqual([
      'Lifted meanwhile by somebody else: the trading state is Active. Repeat the command to halt again.',
    ]);
  });

  it('is not confirmed by the halt of another source when its own was lifted meanwhile', async () => {
    venueLists(1, 0, 0, 0, 0, 0);
    events.set(2, () => {
      requestedBySpec('Halted');
      states.apply({ source: 'command', state: 'Active', author: 'bob', reason: 'over', revision: START_MS + 60_000 });
    });
    expect(await run()).toBe(1);
    expect(printed.join('\n')).not.toContain('Confirmed');
    expect(problems).toEqual([
      'Lifted meanwhile by somebody else: source command asks for Active, by bob: over. The trading state is Halted because of other sources. Repeat the command to halt again.',
    ]);
  });
});

describe('another trading state', () => {
  it('is applied without a wait for the venue', async () => {
    expect(await run('--state', 'Reducing')).toBe(0);
    expect(printed[0]).toContain('The trading state is Reducing. Only sells are sent');
    elapsedMs = 1;
    expect(await run('--resume')).toBe(0);
    expect(states.state).toBe('Active');
    expect([elapsedMs, problems]).toEqual([1, []]);
  });

  it.each([
    ['--resume', 'Halted'],
    ['--resume', 'Reducing'],
    ['--state=Reducing', 'Halted'],
  ] as const)('%s while the spec asks for %s names who still restricts', async (arg, state) => {
    requestedBySpec(state);
    expect(await run(arg)).toBe(3);
    expect(problems[0]).toMatch(new RegExp(`^The stack stays ${state}: spec ${state} since .* by ada: flash crash\\.`));
    expect(problems[0]).toContain('A source is lifted only by itself');
  });

  it('Flattening returns at once, and says how to follow and to withdraw the sale', async () => {
    expect(await run('--state', 'Flattening', '--author', 'ada')).toBe(0);
    expect(printed.at(-1)).toBe(
      'The sale goes on without this program. Follow it with: kubectl tradingstack positions -n NAMESPACE\n' +
        'Withdraw it with: node /app/halt.mjs --resume',
    );
    expect([elapsedMs, problems]).toEqual([0, []]);
  });

  it('Flattening while Postgres is unavailable promises no sale before it is back', async () => {
    postgresIsUp = false;
    expect(await run('--state', 'Flattening')).toBe(1);
    expect(printed).toEqual([
      'Applied: source command asks for Flattening. The trading state is Flattening. Only sells are sent; resting buys are being cancelled.',
      expect.stringContaining('Not saved in Postgres yet.'),
    ]);
    expect(problems).toEqual([
      'No position is sold while Postgres is unavailable. The sale begins once the request is saved.\n' +
        'Withdraw it with: node /app/halt.mjs --resume',
    ]);
  });

  it('Flattening after a finished sale says that every position is closed', async () => {
    haltedAfterSale();
    expect(await run('--state', 'Flattening')).toBe(0);
    expect(printed.at(-1)).toMatch(
      /^Sold already: flatten Halted since 20\d\d-.*Z by risk: every position is closed\.\nTo trade again: node \/app\/halt\.mjs --resume$/,
    );
    expect(problems).toEqual([]);
  });

  it.each([
    ['a person set the halt of the sale', 'bob', undefined],
    ['another source asks for Halted, too', 'risk', 'Halted'],
  ] as const)('Flattening stays halted when %s', async (_when, author, other) => {
    haltedAfterSale(author);
    if (other !== undefined) requestedBySpec(other);
    expect(await run('--state', 'Flattening')).toBe(3);
    expect(printed.join('\n')).not.toContain('Sold already');
    expect(problems[0]).toContain('The stack stays Halted: ');
  });

  it('Flattening under a halt promises no sale', async () => {
    requestedBySpec('Halted');
    expect(await run('--state', 'Flattening')).toBe(3);
    expect(printed.join('\n')).not.toContain('The sale goes on');
    expect(problems[0]).toContain('The stack stays Halted: spec Halted');
  });

  it('that withdraws a finished sale resumes, because risk lifts its own halt', async () => {
    haltedAfterSale();
    expect(await run('--resume')).toBe(0);
    expect(printed[0]).toBe('Applied: source command asks for Active. The trading state is Halted.');
    expect(printed.at(-1)).toBe('The stack is still Halted by the source flatten. Risk lifts it within seconds.');
    expect(problems).toEqual([]);
  });

  it('that withdraws a finished sale while Postgres is unavailable does not promise that risk lifts its halt', async () => {
    haltedAfterSale();
    await states.saved(1_000);
    postgresIsUp = false;
    expect(await run('--resume')).toBe(3);
    expect(printed.join('\n')).not.toContain('Risk lifts it');
    expect(problems[0]).toContain('The stack stays Halted: flatten Halted');
  });

  it.each([
    ['a person set the halt of the sale', 'bob', undefined],
    ['another source asks for the sale', 'risk', 'Flattening'],
    ['another source restricts trading, too', 'risk', 'Reducing'],
  ] as const)('that withdraws a finished sale leaves the stack halted when %s', async (_when, author, other) => {
    haltedAfterSale(author);
    if (other !== undefined) requestedBySpec(other);
    expect(await run('--resume')).toBe(3);
    expect(problems[0]).toContain('The stack stays Halted: flatten Halted');
    expect(problems[0]).toContain('see "Stop trading now" in docs/runbook.md');
  });

  it('of a process that has not read the record yet does not resume entries', async () => {
    postgresIsUp = false;
    states = createStates();
    await server.close(0);
    server = createServer();
    config = { ...config, url: `http://127.0.0.1:${await server.listen()}` };
    expect(await run('--resume')).toBe(3);
    expect(problems[0]).toContain('The process stays Reducing: it has not read the record yet');
  });

  it('is refused by a node whose clock is behind that of the last command', async () => {
    states.apply({ source: 'command', state: 'Halted', author: 'ada', reason: '', revision: START_MS + 5_000 });
    expect(await run('--resume')).toBe(1);
    expect(states.state).toBe('Halted');
    expect(problems[0]).toContain(`Refused with HTTP 409: revision ${START_MS} is not above ${START_MS + 5_000}`);
    expect(problems[0]).toContain('Repeat this when it has caught up');
  });
});

describe('a request that reaches no process', () => {
  it('fails with the remedy when nothing listens', async () => {
    config = { ...config, url: `http://127.0.0.1:${await freePort()}` };
    expect(await run()).toBe(1);
    expect(problems[0]).toMatch(/No answer from http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/);
    expect(problems[0]).toContain('Insert a row into trading.halts instead');
  });

  it('fails with the remedy when the token is not that of the process', async () => {
    config = { ...config, token: 'old' };
    expect(await run()).toBe(1);
    expect(states.state).toBe('Active');
    expect(problems[0]).toContain('Refused with HTTP 401');
    expect(problems[0]).toContain('The Secret tradingstack-control has just changed');
  });

  it('fails with the remedy when the token cannot be read', async () => {
    const readConfig = (): HaltConfig => {
      throw new ConfigError('SecretMissing', ['secret file /x cannot be read']);
    };
    const modules = { clock, print: () => {}, printProblem: (line: string) => problems.push(line) };
    expect(await runProgram([], { ...modules, readConfig })).toBe(1);
    expect(problems[0]).toContain('secret file /x cannot be read\nThis program runs in a pod of execution.');
  });
});

describe('the program', () => {
  it('explains itself, and changes nothing', async () => {
    expect(await run('--help')).toBe(0);
    expect(printed[0]).toContain('Usage: node /app/halt.mjs');
    expect(states.sources).toEqual([]);
  });

  it('refuses wrong usage with the usage, and changes nothing', async () => {
    expect(await run('--state', 'Paused')).toBe(2);
    expect(problems[0]).toContain('--state is Paused');
    expect(problems[0]).toContain('Usage: node /app/halt.mjs');
    expect(states.sources).toEqual([]);
  });
});
