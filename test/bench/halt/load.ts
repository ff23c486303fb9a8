import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { ApprovedOrder } from '../../../services/execution/core/order-record.ts';
import {
  INSTRUMENTS,
  keyPrefixOf,
  bookStream,
  ORDERS_APPROVED,
  PAYLOAD_FIELD,
} from '../../../services/shared/contracts/keys.ts';
import { formatDecimal, parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { clientOrderIdOf } from '../../../services/shared/domain/ids.ts';
import { sha256 } from '../../../services/shared/runtime/sha256.ts';
import { approvedOrder, insertApproval } from '../../fixtures/approved-orders.ts';
import { cross } from '../../fixtures/sample-stack.ts';
import { XRP_ETH } from '../../harness/exchange-simulator.ts';
import type { RedisAddress } from '../../harness/stores/private-redis.ts';

/** Commits approvals as risk does, at a steady rate, and stands in for the market data of ws. */
export interface Load {
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly pool: Pool;
  readonly redis: RedisAddress;
  /** ID of the stack. */
  readonly stack: string;
  readonly symbols: readonly string[];
  readonly perSecond: number;
  /** Terms of the order that is approved as the n-th. Default: orders that rest, and orders that take. */
  readonly termsOf?: ((turn: number, nowMs: number) => OrderTerms) | undefined;
  /** Whether it stands in for the market data of ws. Default: true. */
  readonly quotes?: boolean;
}

export type OrderTerms = Pick<ApprovedOrder, 'symbol' | 'type' | 'price' | 'quantity' | 'deadline'>;

/** One of the stack: a position of any other is reported as abandoned. */
const STRATEGY = cross().name;
/** Lifetime of an order, as in the default of `spec.risk.orderDeadlineMs`. */
const RESTING_MS = 10_000;
const TAKING_MS = 2_000;
const MARKET_EVERY_MS = 1_000;
/** Approvals that wait for a database that does not answer. Beyond that, none is made. */
const WAITING_MAX = 100;

export function startLoad(options: LoadOptions): Load {
  const { pool, redis: address, stack, symbols, perSecond, quotes = true } = options;
  const { termsOf = (turn, nowMs) => mixedTerms(symbols, turn, nowMs) } = options;
  const { host, port, username, password } = address;
  const redis = new Redis({
    host,
    port,
    username,
    password,
    keyPrefix: keyPrefixOf(stack),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 200,
  });
  redis.on('error', () => {});
  const waiting = new Set<Promise<void>>();
  let made = 0;

  async function approve(): Promise<void> {
    const turn = made++;
    const [decisionId, decidedAt] = [randomUUID(), Date.now()];
    const clientOrderId = clientOrderIdOf(stack, decisionId, 0, sha256);
    const terms = { strategy: STRATEGY, release: await activeRelease(pool, stack), ...termsOf(turn, decidedAt) };
    const order = approvedOrder(decisionId, { stack, decidedAt, clientOrderId, ...terms });
    await insertApproval(pool, order);
    const payload = { ...order, price: formatDecimal(order.price), quantity: formatDecimal(order.quantity) };
    await redis.xadd(ORDERS_APPROVED, '*', PAYLOAD_FIELD, JSON.stringify(payload)).catch(() => undefined);
  }

  const approving = setInterval(() => {
    if (waiting.size >= WAITING_MAX) return;
    const work = approve()
      .catch(() => undefined)
      .finally(() => waiting.delete(work));
    waiting.add(work);
  }, 1_000 / perSecond);
  const quote = async (): Promise<void> => await publishMarket(redis, symbols).catch(() => undefined);
  const quoting = quotes ? setInterval(() => void quote(), MARKET_EVERY_MS) : undefined;
  return {
    stop: async () => {
      clearInterval(approving);
      clearInterval(quoting);
      await Promise.all(waiting);
      redis.disconnect();
    },
  };
}

/** The release of risk that is active: execution takes entries of no other one. */
async function activeRelease(pool: LoadOptions['pool'], stack: string): Promise<string> {
  const sql = 'SELECT release FROM risk.active_release WHERE stack = $1';
  const { rows } = await pool.query<{ release: string }>(sql, [stack]);
  return rows[0]?.release ?? 'none';
}

/** Every instrument gets resting buys far below the market, and buys that take what is offered or expire. */
function mixedTerms(symbols: readonly string[], turn: number, nowMs: number): OrderTerms {
  const rests = Math.floor(turn / symbols.length) % 2 === 0;
  return {
    symbol: symbols[turn % symbols.length] ?? '',
    type: rests ? 'LIMIT' : 'IMMEDIATE_OR_CANCEL',
    price: parseDecimal(rests ? '0.0001' : '0.00145'),
    quantity: parseDecimal('20'),
    deadline: nowMs + (rests ? RESTING_MS : TAKING_MS),
  };
}

async function publishMarket(redis: Redis, symbols: readonly string[]): Promise<void> {
  const time = Date.now();
  for (const symbol of symbols) {
    const instrument = { ...XRP_ETH, symbol, base: symbol.split('/')[0], lotSize: '0.1', minQuantity: '0.1' };
    await redis.hset(INSTRUMENTS, symbol, JSON.stringify(instrument));
    const [bids, asks] = [[['0.0014', '500']], [['0.00141', '500']]];
    const book = { producer: 'bench', seq: time, symbol, version: String(time), bids, asks, time, receivedAt: time };
    await redis.xadd(bookStream(symbol), 'MAXLEN', '~', 100, '*', PAYLOAD_FIELD, JSON.stringify(book));
  }
}
