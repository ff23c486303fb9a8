import { instrumentMessage } from '../contracts/messages/instrument.ts';
import { INSTRUMENTS } from '../contracts/keys.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { RedisClient } from '../redis/client.ts';

/** The venue's rules per symbol, from the hash that ws writes. Throws where one is malformed: half-known rules are no rules. */
export async function readInstruments(client: RedisClient): Promise<ReadonlyMap<string, Instrument>> {
  const fields = await client.hgetall(INSTRUMENTS);
  return new Map(
    Object.entries(fields).map(([symbol, text]) => [symbol, instrumentMessage.parse(JSON.parse(text))] as const),
  );
}
