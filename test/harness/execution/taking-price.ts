import { multiply, parseDecimal, roundToStep, type Decimal } from '../../../services/shared/domain/decimal.ts';
import { createMexcPublicRest } from '../../../services/shared/venue/mexc/rest/public-rest.ts';

const TICK = parseDecimal('0.00000001');

/** Returns a price of XRP/ETH at which a buy meets the best offer of the simulator, even if that moves a little. */
export async function takingPrice(restUrl: string): Promise<Decimal> {
  const { asks } = await createMexcPublicRest(restUrl).depth('XRP/ETH', AbortSignal.timeout(5_000));
  const [best] = asks;
  if (best === undefined) throw new Error('the book is empty');
  return roundToStep(multiply(best[0], parseDecimal('1.05'), 'floor'), TICK, 'floor');
}
