import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { keyPrefixOf, ORDERS_APPROVED, PAYLOAD_FIELD } from '../../../services/shared/contracts/keys.ts';
import { formatDecimal } from '../../../services/shared/domain/decimal.ts';
import { clientOrderIdOf } from '../../../services/shared/domain/ids.ts';
import { sha256 } from '../../../services/shared/runtime/sha256.ts';
import { approvedOrder, insertApproval } from '../../fixtures/approved-orders.ts';
import { cross } from '../../fixtures/sample-stack.ts';
import { activeReleaseOf } from '../../harness/stores/active-release.ts';
import type { RedisAddress } from '../../harness/stores/private-redis.ts';
import { mixedTerms, type OrderTerms } from './mixed-orders.ts';
import { publishMarket } from './quotes.ts';

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

/** One of the stack: a position of any other is reported as abandoned. */
const STRATEGY = cross().name;
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
    const terms = { strategy: STRATEGY, release: await activeReleaseOf(pool, stack), ...termsOf(turn, decidedAt) };
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
