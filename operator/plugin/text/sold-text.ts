import type { ExitsStatus } from '../../../services/shared/contracts/statusz.ts';
import { dustIn, whyOf } from '../view/exits.ts';
import type { Part } from '../view/part.ts';

/** What a sale has left: the positions that cannot be sold, by name. `reported` is what the status says of it. */
export function soldText(reported: string, exits: Part<ExitsStatus>): string {
  if (!exits.known) return `${reported}\nThe positions that stay, if any, are unknown: ${exits.why}.`;
  const { dustPositions } = exits.value;
  if (dustPositions === 0) return reported;
  const named = dustIn(exits.value).map((each) => `  ${each.symbol} of ${each.strategy}: ${whyOf(each)}`);
  const more = dustPositions - named.length;
  return [
    `Sold, and halted by risk, except for ${dustPositions} ${dustPositions === 1 ? 'position' : 'positions'} that cannot be sold:`,
    ...named,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}
