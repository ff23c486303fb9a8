import { Registry } from 'prom-client';
import { tradesStream } from '../../shared/contracts/keys.ts';
import { tradeMessage } from '../../shared/contracts/messages/trade.ts';
import type { SignalPayload } from '../../shared/contracts/messages/signal.ts';
import { redisCheck } from '../../shared/redis/client.ts';
import { createStreamReader } from '../../shared/redis/reader/stream-reader.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createSignalMetrics } from '../../signal/metrics.ts';
import { SignalService } from '../../signal/service.ts';
import { createSignalStore } from '../../signal/store/signal-store.ts';
import type { ReplayContext } from '../context.ts';
import type { RedisWorld } from '../redis/redis-world.ts';
import type { RunningProcess } from './running-process.ts';

const log = createLogger({ name: 'simulation', level: 'silent' });

/**
 * Starts the signal service: trades and stances come from Redis, signals go there. `onSignal` receives each signal that
 * is about to be published.
 */
export function startSignal(
  { settings, scheduler }: ReplayContext,
  redis: RedisWorld,
  onSignal: (signal: SignalPayload) => void,
): RunningProcess {
  const { strategies } = settings.signal;
  const access = redis.access();
  const client = access.connect();
  const symbols = [...new Set(strategies.flatMap((strategy) => strategy.symbols))];
  const metrics = createSignalMetrics(new Registry());
  const store = createSignalStore(client, symbols);
  const reader = createStreamReader({
    client: access.connect(),
    streams: symbols.map(tradesStream),
    from: 'start',
    parse: (json) => tradeMessage.parse(json),
    onEntries: async (entries) => await service.onTrades(entries),
    sequenceOf: ({ producer, seq }) => ({ producer, seq }),
    onGap: ({ stream, expected, received }) => metrics.tradesMissing(stream, received - expected),
    clock: scheduler,
    log,
    metrics: new Registry(),
  });
  const service: SignalService = new SignalService({
    strategies,
    release: 'simulation',
    store: {
      ...store,
      publishSignal: async (signal) => {
        onSignal(signal);
        return await store.publishSignal(signal);
      },
    },
    redisCheck: redisCheck(client),
    readerCheck: () => reader.check(),
    clock: scheduler,
    log,
    metrics,
  });
  const ending = new AbortController();
  for (const part of [reader, service]) void part.run(ending.signal);
  return {
    kill: () => {
      access.kill();
      ending.abort(new Error('killed'));
    },
  };
}
