import { Pool } from 'pg';
import { BATCH_SIZE, DECISIONS_MAX } from '../../../services/risk/store/consume-signals.ts';
import { ORDERS_APPROVED, PAYLOAD_FIELD, SIGNALS } from '../../../services/shared/contracts/keys.ts';
import type { ApprovedOrderPayload } from '../../../services/shared/contracts/messages/approved-order.ts';
import type { SignalPayload } from '../../../services/shared/contracts/messages/signal.ts';
import { TEST_STACK } from '../../fixtures/approved-orders.ts';
import type { PostgresAddress } from '../../harness/stores/private-postgres.ts';
import type { RedisAddress } from '../../harness/stores/private-redis.ts';
import { openBare } from '../streams/consumers.ts';

const GROUP = 'risk';

/** A table like that of decisions, with its keys and without its further indexes and triggers. */
export const CREATE_PLAIN = `
CREATE TABLE public.plain (LIKE risk.decisions INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE public.plain ADD PRIMARY KEY (stack, decision_id);
GRANT SELECT, INSERT ON public.plain TO risk`;

/** $1 rows as JSON. */
const INSERT_PLAIN = `
INSERT INTO public.plain (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id, approved_order, deadline, release, decided_at)
SELECT o ->> 'stack', o ->> 'decisionId', o ->> 'strategy', o ->> 'symbol', true, 'Approved', '', i, o ->> 'clientOrderId', o, now(), 'r', now()
FROM jsonb_array_elements($1::jsonb) AS o, (SELECT $2::jsonb AS i) AS inputs`;

/** What the checks of an approval see: as many bytes. */
const INPUTS = JSON.stringify(Object.fromEntries(Array.from({ length: 34 }, (_, n) => [`input${n}`, '0.00139500'])));

interface Stores {
  readonly redis: RedisAddress;
  readonly postgres: PostgresAddress;
}

/**
 * Starts the reference: a loop over ioredis and pg alone that stores an approval of each signal and publishes it, with
 * as many signals a read and approvals a commit as risk. It checks nothing and reads nothing from Postgres.
 */
export async function startBareDecider({ redis, postgres }: Stores): Promise<void> {
  const blocking = openBare(redis);
  const commands = openBare(redis);
  const pool = new Pool({ ...postgres, max: 1 });
  await commands.xgroup('CREATE', SIGNALS, GROUP, '0', 'MKSTREAM');
  void read();

  async function read(): Promise<never> {
    for (;;) {
      const who = ['GROUP', GROUP, 'bench-1', 'COUNT', BATCH_SIZE, 'BLOCK', 1_000, 'STREAMS', SIGNALS, '>'];
      const reply = (await blocking.call('XREADGROUP', ...who)) as Reply;
      const entries = reply?.[0]?.[1] ?? [];
      for (let start = 0; start < entries.length; start += DECISIONS_MAX) {
        const orders = entries
          .slice(start, start + DECISIONS_MAX)
          .map(([, [, data]]) => orderOf(JSON.parse(data) as SignalPayload));
        await pool.query({ name: 'plain', text: INSERT_PLAIN, values: [JSON.stringify(orders), INPUTS] });
        await Promise.all(
          orders.map(async (order) => await commands.xadd(ORDERS_APPROVED, '*', PAYLOAD_FIELD, JSON.stringify(order))),
        );
      }
      if (entries.length > 0) await commands.xack(SIGNALS, GROUP, ...entries.map(([id]) => id));
    }
  }
}

type Reply = readonly (readonly [string, readonly (readonly [string, readonly [string, string]])[]])[] | null;

function orderOf({ id, strategy, symbol, barClose }: SignalPayload): ApprovedOrderPayload {
  return {
    decisionId: id,
    stack: TEST_STACK,
    strategy,
    clientOrderId: id.replaceAll(/[^a-z0-9]/g, ''),
    symbol,
    side: 'buy',
    type: 'IMMEDIATE_OR_CANCEL',
    price: '0.0014',
    quantity: '35',
    deadline: barClose + 60_000,
    decidedAt: barClose,
    riskHash: '7rgq2m4vxk5pw3tznd6yhjc8ab',
    release: 'r',
  };
}
