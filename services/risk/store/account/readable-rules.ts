import { z } from 'zod';
import { stopRules, type StopRules } from '../../../shared/contracts/services/risk.ts';

/** Stops of a row of which some cannot be read: each one that can still protects the position. */
export const readableRules = z.record(z.string(), z.unknown()).transform((raw): StopRules => {
  const rules = Object.entries(raw).map(([kind, value]) => stopRules.safeParse({ [kind]: value }).data);
  return Object.assign({}, ...rules) as StopRules;
});
