import { Registry } from 'prom-client';
import { wireRisk } from '../../services/risk/wire.ts';
import { bookStream, INSTRUMENTS } from '../../services/shared/contracts/keys.ts';
import type { BookPayload } from '../../services/shared/contracts/messages/book.ts';
import type { RiskSettings } from '../../services/shared/contracts/services/risk.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { Health } from '../../services/shared/runtime/health.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import type { ServicePart } from '../../services/shared/runtime/service-part.ts';
import { riskTestSettings } from '../fixtures/risk-settings.ts';
import { simulatorSettings } from './running-simulator.ts';
import { createTestDatabase, type TestDatabase } from './stores/test-database.ts';
import { createTestRedis, type TestRedis } from './stores/test-redis.ts';

const SYMBOL = 'XRP/ETH';

/** Risk as its process wires it, on real stores; a test publishes the books. */
export class WiredRisk {
  readonly database: TestDatabase;
  readonly #redis: TestRedis;
  #ending = new AbortController();
  #parts: readonly ServicePart[] = [];
  #version = 0;
  #health = new Health();

  private constructor(database: TestDatabase, redis: TestRedis) {
    this.database = database;
    this.#redis = redis;
  }

  static async create(): Promise<WiredRisk> {
    return new WiredRisk(await createTestDatabase({ migrate: true }), await createTestRedis());
  }

  /** Starts the process, with the trading rules of the venue published. */
  async start(change: Partial<RiskSettings>): Promise<void> {
    for (const one of simulatorSettings().instruments)
      await this.#redis.redis.hset(INSTRUMENTS, one.symbol, JSON.stringify(one));
    const environment = { release: 'r', podName: 'risk-1', podIp: '10.0.0.1', logLevel: 'silent' } as const;
    const files = { port: undefined, secretsDirectory: '/nowhere', settingsFile: '/nowhere' };
    const settings = { ...riskTestSettings, ...change };
    this.#health = new Health();
    const plan = wireRisk(
      {
        environment: { ...environment, ...files },
        settings,
        controlToken: () => 'token',
        redis: this.#redis.options,
        postgres: { ...settings.postgres, ...this.database.as('risk') },
      },
      {
        log: createLogger({ name: 'test', level: 'silent' }),
        clock: systemClock,
        health: this.#health,
        metrics: new Registry(),
        incarnation: 'one',
      },
    );
    this.#parts = plan.parts;
    for (const part of plan.parts) void part.run?.(this.#ending.signal);
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

  /** Reason and message of a check of the process. */
  check(name: string): string {
    const check = this.#health.results().find((one) => one.name === name);
    return `${check?.reason}: ${check?.message}`;
  }

  /** Ends the process. Another one may start. */
  async stop(): Promise<void> {
    this.#ending.abort();
    for (const part of this.#parts) await part.stop?.();
    this.#parts = [];
    this.#ending = new AbortController();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#redis.close();
    await this.database.close();
  }
}
