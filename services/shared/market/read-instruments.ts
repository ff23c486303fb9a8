import { instrumentMessage } from '../contracts/messages/instrument.ts';
import { INSTRUMENTS } from '../contracts/keys.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { RedisClient } from '../redis/client.ts';

/**
 * Returns the trading rules of the venue per symbol, from the hash that ws writes. A pair whose rules are malformed is
 * left out: it counts as unknown, and the others are used. Rejects when Redis does not answer.
 */
export async function readInstruments(client: RedisClient): Promise<ReadonlyMap<string, Instrument>> {
  const fields = await client.hgetall(INSTRUMENTS);
  return new Map(
    Object.entries(fields).flatMap(([symbol, text]): readonly (readonly [string, Instrument])[] => {
      const rules = parse(text);
      return rules?.symbol === symbol ? [[symbol, rules]] : [];
    }),
  );
}

function parse(text: string): Instrument | undefined {
  try {
    return instrumentMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
