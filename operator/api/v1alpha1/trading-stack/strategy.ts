import { z } from 'zod';
import { SYMBOLS_MAX } from '../../../../services/shared/contracts/field.ts';
import { ENTRIES } from '../../../../services/shared/contracts/services/risk.ts';
import { intField, labelField, positiveDecimalField, symbolField } from '../fields.ts';
import { requoteFields, requoteProblems, RESTS } from './requotes.ts';
import { stopFields } from './stops.ts';
import { validated, type ValidationRule } from '../validation-rule.ts';

const PARAMETERS_OF = {
  Donchian: ['entryBars', 'exitBars'],
  EmaCross: ['fastBars', 'slowBars'],
} as const;

const parameters = z
  .object({
    barSeconds: intField(
      'Bar length in seconds. A signal older than two bars, and than ten seconds, is not acted on.',
      1,
      86_400,
    ).default(60),
    entryBars: intField(
      'Donchian only: channel length in bars. A close above the highest high of this many earlier bars opens a ' +
        'long position.',
      2,
      1_000,
    ).exactOptional(),
    exitBars: intField(
      'Donchian only: channel length in bars. A close below the lowest low of this many earlier bars closes the ' +
        'position. At most entryBars.',
      1,
      1_000,
    ).exactOptional(),
    fastBars: intField(
      'EmaCross only: period of the fast moving average, in bars. Less than slowBars.',
      1,
      1_000,
    ).exactOptional(),
    slowBars: intField('EmaCross only: period of the slow moving average, in bars.', 2, 2_000).exactOptional(),
  })
  .meta({
    description: 'Parameters of the strategy. Which ones are required depends on kind.',
    ...validated(
      {
        rule: '!has(self.fastBars) || !has(self.slowBars) || self.fastBars < self.slowBars',
        message: 'fastBars must be less than slowBars',
      },
      {
        rule: '!has(self.entryBars) || !has(self.exitBars) || self.exitBars <= self.entryBars',
        message: 'exitBars must not exceed entryBars',
      },
    ),
  });

/** A strategy of the stack. Structural schemas have no unions, so a rule checks that the parameters fit the kind. */
export const strategySpec = z
  .object({
    name: labelField('Name of the strategy, unique in the stack. It is part of every signal.'),
    kind: z.enum(['Donchian', 'EmaCross']).meta({
      description:
        'Trading rule: Donchian (channel breakout) or EmaCross (moving average crossover). Both are long or flat.',
    }),
    symbols: z
      .array(symbolField('Trading pair, BASE/QUOTE. Must be listed in spec.instruments.'))
      .min(1)
      .max(SYMBOLS_MAX)
      .meta({ description: 'Instruments that the strategy trades.', 'x-kubernetes-list-type': 'set' }),
    parameters,
    orderNotional: positiveDecimalField('Notional of an entry order, in risk.currency. At most risk.maxOrderNotional.'),
    entry: z
      .enum(ENTRIES)
      .default('Take')
      .meta({
        description:
          'How entries trade. Take buys at once what it gets near the best ask; FillOrKill buys all of it there, or ' +
          'nothing. Market buys at once what it gets up to the end of the price collar: it is sent with that limit, ' +
          "because the venue's own market order has none. Make rests at the best bid as a post-only order, which the " +
          'venue cancels where it would take. Make needs a pair for which the venue lists LIMIT_MAKER; ' +
          'otherwise the entry is refused.',
      }),
    ...requoteFields,
    ...stopFields,
  })
  .meta({ description: 'Strategy and its parameters.', ...validated(fits('Donchian'), fits('EmaCross'), RESTS) });
export type StrategySpec = z.output<typeof strategySpec>;

/** Validates a strategy across its fields: the CEL rules above, repeated for the reconciler. Empty if valid. */
export function strategyProblems(strategy: StrategySpec): readonly string[] {
  const { kind, parameters: given, symbols } = strategy;
  const { entryBars, exitBars, fastBars, slowBars } = given;
  const problems: string[] = [];
  const unfit = (Object.keys(PARAMETERS_OF) as (keyof typeof PARAMETERS_OF)[]).some((of) =>
    PARAMETERS_OF[of].some((name) => (given[name] !== undefined) !== (of === kind)),
  );
  if (unfit) problems.push(`parameters: ${fits(kind).message}`);
  if (fastBars !== undefined && slowBars !== undefined && fastBars >= slowBars)
    problems.push('parameters: fastBars must be less than slowBars');
  if (entryBars !== undefined && exitBars !== undefined && exitBars > entryBars)
    problems.push('parameters: exitBars must not exceed entryBars');
  if (new Set(symbols).size !== symbols.length) problems.push('symbols: must be unique');
  return [...problems, ...requoteProblems(strategy)];
}

function fits(kind: keyof typeof PARAMETERS_OF): ValidationRule {
  const required = PARAMETERS_OF[kind];
  const other = PARAMETERS_OF[kind === 'Donchian' ? 'EmaCross' : 'Donchian'];
  const has = [
    ...required.map((name) => `has(self.parameters.${name})`),
    ...other.map((name) => `!has(self.parameters.${name})`),
  ];
  return {
    rule: `self.kind != '${kind}' || (${has.join(' && ')})`,
    message: `kind ${kind} requires the parameters ${required.join(' and ')} and, besides barSeconds, no others`,
  };
}
