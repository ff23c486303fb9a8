import { createRandom } from '../../services/exchange-simulator/core/random.ts';

export interface Strike {
  readonly fault: string;
  /** How long a fault that lasts is kept up. */
  readonly seconds: number;
}

const SECONDS_MIN = 3;
const SECONDS_MAX = 15;

/**
 * Draws faults without end, the same ones for the same seed: each round has every fault once, in an order of its own,
 * so that a long run has all of them equally often.
 */
export function* strikesOf(faults: readonly string[], seed: number): Generator<Strike, never> {
  if (faults.length === 0) throw new RangeError('no faults to draw from');
  const random = createRandom(seed);
  for (;;) {
    const left = [...faults];
    while (left.length > 0) {
      const [fault = ''] = left.splice(Math.floor(random() * left.length), 1);
      yield { fault, seconds: SECONDS_MIN + Math.floor(random() * (SECONDS_MAX - SECONDS_MIN + 1)) };
    }
  }
}
