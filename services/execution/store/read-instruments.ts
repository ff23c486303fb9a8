import { instrumentMessage } from '../../shared/contracts/messages/instrument.ts';
import { INSTRUMENTS } from '../../shared/contracts/streams.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { RedisClient } from '../../shared/redis/client.ts';

/** The venue's rules per symbol, from the hash that ws writes. Throws where one is malformed. */
export async function readInstruments(client: RedisClient): Promise<ReadonlyMap<string, Instrument>> {
  const fields = await client.hgetall(INSTRUMENTS);
  return new Map(
    Object.entries(fields).map(([symbol, text]) => [symbol, instrumentMessage.parse(JSON.parse(text))] as const),
  );
}
