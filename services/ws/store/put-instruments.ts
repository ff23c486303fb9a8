import type { InstrumentPayload } from '../../shared/contracts/messages/instrument.ts';
import { INSTRUMENTS } from '../../shared/contracts/keys.ts';
import type { RedisClient } from '../../shared/redis/client.ts';
import { prolong } from '../../shared/redis/prolong.ts';

/**
 * Sets the instruments' fields in the hash `md.instruments` and keeps the other fields. Rejects when Redis does not
 * answer; safe to repeat.
 */
export async function putInstruments(client: RedisClient, instruments: readonly InstrumentPayload[]): Promise<void> {
  const fields = instruments.flatMap((instrument) => [instrument.symbol, JSON.stringify(instrument)]);
  if (fields.length === 0) return;
  await client.hset(INSTRUMENTS, ...fields);
  await prolong(client, INSTRUMENTS);
}
