import { Registry } from 'prom-client';
import type { Execution } from '../../execution/service.ts';
import { consumeApprovals } from '../../execution/store/consume-approvals.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import { createInstrumentReader } from '../../shared/market/instrument-reader.ts';
import { MarketView } from '../../shared/market/market-view.ts';
import { readInstruments } from '../../shared/market/read-instruments.ts';
import { readBooks } from '../../shared/market/read-market.ts';
import { createTrimmers } from '../../shared/redis/consumer/trim.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { ServicePart } from '../../shared/runtime/service-part.ts';
import type { ReplayContext } from '../context.ts';
import type { RedisWorld } from '../redis/redis-world.ts';

export interface ExecutionStreamsOptions {
  /** Last mid prices and best bids of the other processes, where there is no Redis. */
  readonly marks: () => ReadonlyMap<string, Decimal>;
  readonly bestBid: MarketView['bestBid'];
  readonly consumer: string;
  readonly clock: Clock;
  /** Runs what arrives, unless the process is frozen or dead. */
  readonly gate: (work: () => void) => void;
}

/** What execution knows of the market, and the parts that read Redis. */
export interface ExecutionStreams {
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  readonly marks: () => ReadonlyMap<string, Decimal>;
  readonly bestBid: MarketView['bestBid'];
  readonly partsOf: (execution: Pick<Execution, 'sender' | 'onApproval'>) => readonly ServicePart[];
  readonly kill: () => void;
}

const log = createLogger({ name: 'simulation', level: 'silent' });

/** Opens what execution reads: from Redis, or from the other processes where there is none. */
export function executionStreams(context: ReplayContext, options: ExecutionStreamsOptions): ExecutionStreams {
  const { instruments, redis } = context;
  if (redis !== undefined) return openStreams(redis, [...instruments.keys()], options);
  return {
    instrumentOf: (symbol) => instruments.get(symbol),
    marks: options.marks,
    bestBid: options.bestBid,
    partsOf: () => [],
    kill: () => {},
  };
}

function openStreams(
  redis: RedisWorld,
  symbols: readonly string[],
  { consumer, clock, gate }: ExecutionStreamsOptions,
): ExecutionStreams {
  const modules = { clock, log, metrics: new Registry() };
  const access = redis.access();
  const market = new MarketView(symbols);
  const commands = access.connect(gate);
  return {
    instrumentOf: market.instrument,
    marks: market.lastMids,
    bestBid: market.bestBid,
    partsOf: ({ sender, onApproval }) => [
      createInstrumentReader({
        ...modules,
        read: async () => await readInstruments(commands),
        onInstruments: market.onInstruments,
      }),
      readBooks({ ...modules, client: access.connect(gate) }, symbols, market.onBook),
      consumeApprovals(
        { ...modules, commands, blocking: access.connect(gate), consumer },
        { isActive: () => sender().role === 'active', onApproval },
      ),
      ...createTrimmers('execution', { ...modules, client: commands }),
    ],
    kill: access.kill,
  };
}
