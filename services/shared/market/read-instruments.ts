import { instrumentMessage } from '../contracts/messages/instrument.ts';
import { INSTRUMENTS } from '../contracts/keys.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { RedisClient } from '../redis/client.ts';

/**
 * Returns the trading rules of the venue per symbol, from the hash that ws writes. Throws if any of them is malformed,
 * because partial rules must not be used.
 */
export async function readInstruments(client: RedisClient): Promise<ReadonlyMap<string, Instrument>> {
  const fields = await client.hgetall(INSTRUMENTS);
  return new Map(
    Object.entries(fields).map(([symbol, text]) => [symbol, instrumentMessage.parse(JSON.parse(text))] as const),
  );
}
