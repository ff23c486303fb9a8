import { z } from 'zod';
import { parseScientific, type Decimal } from '../../../domain/decimal.ts';

/** A price or quantity in a reply of public data: the text of a decimal above zero. */
export const positive = z.string().transform((text, context): Decimal => {
  try {
    const value = parseScientific(text);
    if (value > 0n) return value;
  } catch {
    // Reported below.
  }
  context.addIssue({ code: 'custom', message: 'not a decimal above zero' });
  return z.NEVER;
});
