import { Registry } from 'prom-client';
import type { Config } from '../../services/risk/config.ts';
import { wireRisk } from '../../services/risk/wire.ts';
import { bookStream, INSTRUMENTS, SIGNALS } from '../../services/shared/contracts/keys.ts';
import type { BookPayload } from '../../services/shared/contracts/messages/book.ts';
import type { SignalPayload } from '../../services/shared/contracts/messages/signal.ts';
import type { RiskSettings } from '../../services/shared/contracts/services/risk.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { Health } from '../../services/shared/runtime/health.ts';
import { createHttpServer, type HttpServer } from '../../services/shared/runtime/http/http-server.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import type { ServicePart } from '../../services/shared/runtime/service-part.ts';
import { activateRelease } from './stores/active-release.ts';
import { riskTestSettings } from '../fixtures/risk-settings.ts';
import { simulatorSettings } from './running-simulator.ts';
import { createTestDatabase, type TestDatabase } from './stores/test-database.ts';
import { createTestRedis, type TestRedis } from './stores/test-redis.ts';

const SYMBOL = 'XRP/ETH';
const log = createLogger({ name: 'test', level: 'silent' });

/** A process of risk. */
export interface WiredProcess {
  readonly port: number;
  readonly health: Health;
  readonly status: () => Readonly<Record<string, unknown>>;
  /** Ends its parts, as SIGTERM does. */
  readonly end: () => void;
}

/** Risk as its process wires it, on real stores; a test publishes the books. */
export class WiredRisk {
  readonly database: TestDatabase;
  readonly #redis: TestRedis;
  #ending = new AbortController();
  #parts: ServicePart[] = [];
  #servers: HttpServer[] = [];
  #version = 0;
  #health = new Health();

  private constructor(database: TestDatabase, redis: TestRedis) {
    this.database = database;
    this.#redis = redis;
  }

  static async create(): Promise<WiredRisk> {
    const database = await createTestDatabase({ migrate: true });
    await activateRelease(database.pool, riskTestSettings.stack.id, 'r');
    return new WiredRisk(database, await createTestRedis());
  }

  /**
   * Starts a process, with the trading rules of the venue published. `postgres`: where it finds the database, if not
   * where it is. Returns the port of its control routes, and what ends it.
   */
  async start(
    change: Partial<RiskSettings>,
    release = 'r',
    postgres: Partial<Config['postgres']> = {},
  ): Promise<WiredProcess> {
    for (const one of simulatorSettings().instruments)
      await this.#redis.redis.hset(INSTRUMENTS, one.symbol, JSON.stringify(one));
    const environment = { release, podName: `risk-${release}`, podIp: '10.0.0.1', logLevel: 'silent' } as const;
    const files = { port: undefined, secretsDirectory: '/nowhere', settingsFile: '/nowhere' };
    const settings = { ...riskTestSettings, ...change };
    const health = new Health();
    this.#health = health;
    const plan = wireRisk(
      {
        environment: { ...environment, ...files },
        settings,
        controlToken: () => 'token',
        redis: this.#redis.options,
        postgres: { ...settings.postgres, ...this.database.as('risk'), ...postgres },
      },
      {
        log,
        clock: systemClock,
        health,
        metrics: new Registry(),
        incarnation: 'one',
      },
    );
    this.#parts.push(...plan.parts);
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, this.#ending.signal]);
    for (const part of plan.parts) void part.run?.(signal);
    const server = createHttpServer({ port: 0, host: '127.0.0.1', routes: plan.routes ?? [], log });
    this.#servers.push(server);
    const end = (): void => ending.abort(new Error('the process ends'));
    return { port: await server.listen(), end, health, status: () => plan.statusFields?.() ?? {} };
  }

  /** Publishes a signal of the strategy of the tests whose bar closes now. Returns its ID. */
  async publishSignal(stance: 'Long' | 'Flat', barClose = Date.now()): Promise<string> {
    const id = `trend:${SYMBOL}:${barClose}`;
    const bar = { strategy: 'trend', symbol: SYMBOL, stance, changedAt: barClose, barClose, release: 's' };
    const payload: SignalPayload = { id, ...bar, referencePrice: '0.0014' };
    await this.#redis.redis.xadd(SIGNALS, '*', 'data', JSON.stringify(payload));
    return id;
  }

  /** Number of signals that no process has acknowledged. */
  async unacknowledged(): Promise<number> {
    const [count] = (await this.#redis.redis.xpending(SIGNALS, 'risk')) as [number];
    return count;
  }

  async publishBook(bid: string, ask: string): Promise<void> {
    this.#version += 1;
    const now = Date.now();
    const feed = { producer: 'ws', seq: this.#version, symbol: SYMBOL, time: now, receivedAt: now };
    const sides = { bids: [[bid, '900']], asks: [[ask, '900']] } satisfies Pick<BookPayload, 'bids' | 'asks'>;
    const book: BookPayload = { ...feed, version: String(this.#version), ...sides };
    await this.#redis.redis.xadd(bookStream(SYMBOL), '*', 'data', JSON.stringify(book));
  }

  /** Records a balance that was compared with the venue just now. */
  async setBalance(asset: string, amount: string): Promise<void> {
    await this.database.pool.query(
      `INSERT INTO trading.balances (stack, asset, ledger, venue, reconciled_at) VALUES ($1, $2, $3, $3, now())`,
      [riskTestSettings.stack.id, asset, amount],
    );
  }

  async rowsOf(statement: string): Promise<readonly unknown[]> {
    return (await this.database.pool.query(statement)).rows;
  }

  /** Reason and message of a check of the process that was started last. */
  check(name: string): string {
    const check = this.#health.results().find((one) => one.name === name);
    return `${check?.reason}: ${check?.message}`;
  }

  /** Ends every process. Another one may start. */
  async stop(): Promise<void> {
    this.#ending.abort();
    for (const part of this.#parts) await part.stop?.();
    for (const server of this.#servers) await server.close(0);
    this.#parts = [];
    this.#servers = [];
    this.#ending = new AbortController();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#redis.close();
    await this.database.close();
  }
}
