import { z } from 'zod';
import { intField, labelField, positiveDecimalField, symbolField } from '../fields.ts';
import { validated, type ValidationRule } from '../validation-rule.ts';

const PARAMETERS_OF = {
  Donchian: ['entryBars', 'exitBars'],
  EmaCross: ['fastBars', 'slowBars'],
} as const;

const parameters = z
  .strictObject({
    barSeconds: intField('Length of a bar.', 1, 86_400).default(60),
    entryBars: intField('Donchian: long above the highest high of so many closed bars.', 2, 1_000).exactOptional(),
    exitBars: intField('Donchian: flat below the lowest low of so many closed bars.', 1, 1_000).exactOptional(),
    fastBars: intField('EmaCross: period of the fast average.', 1, 1_000).exactOptional(),
    slowBars: intField('EmaCross: period of the slow average.', 2, 2_000).exactOptional(),
  })
  .meta({
    description: 'What the kind of strategy takes.',
    ...validated(
      {
        rule: '!has(self.fastBars) || !has(self.slowBars) || self.fastBars < self.slowBars',
        message: 'fastBars must be less than slowBars',
      },
      {
        rule: '!has(self.entryBars) || !has(self.exitBars) || self.exitBars <= self.entryBars',
        message: 'exitBars must not be more than entryBars',
      },
    ),
  });

/** A strategy of the stack. Structural schemas know no unions: which parameters fit the kind is a rule. */
export const strategySpec = z
  .strictObject({
    name: labelField('Unique name; part of every signal.'),
    kind: z.enum(['Donchian', 'EmaCross']).meta({ description: 'The rule that it trades by; long or flat.' }),
    symbols: z
      .array(symbolField('An instrument of the stack.'))
      .min(1)
      .max(15)
      .meta({ description: 'Instruments that it trades.', 'x-kubernetes-list-type': 'set' }),
    parameters,
    orderNotional: positiveDecimalField('What an entry buys for, in the quote asset.'),
    entry: z.enum(['Take', 'Make']).default('Take').meta({ description: 'Take the offer, or rest at the bid.' }),
  })
  .meta({ description: 'A strategy.', ...validated(fits('Donchian'), fits('EmaCross')) });
export type StrategySpec = z.output<typeof strategySpec>;

/** What is wrong with a strategy that the fields alone do not show; the same rules as the CEL above, for the reconciler. */
export function strategyProblems({ kind, parameters: given, symbols }: StrategySpec): readonly string[] {
  const { entryBars, exitBars, fastBars, slowBars } = given;
  const problems: string[] = [];
  const wrong = (Object.keys(PARAMETERS_OF) as (keyof typeof PARAMETERS_OF)[]).some((of) =>
    PARAMETERS_OF[of].some((name) => (given[name] !== undefined) !== (of === kind)),
  );
  if (wrong) problems.push(`parameters: ${fits(kind).message}`);
  if (fastBars !== undefined && slowBars !== undefined && fastBars >= slowBars)
    problems.push('parameters: fastBars must be less than slowBars');
  if (entryBars !== undefined && exitBars !== undefined && exitBars > entryBars)
    problems.push('parameters: exitBars must not be more than entryBars');
  if (new Set(symbols).size !== symbols.length) problems.push('symbols: must be unique');
  return problems;
}

function fits(kind: keyof typeof PARAMETERS_OF): ValidationRule {
  const wanted = PARAMETERS_OF[kind];
  const other = PARAMETERS_OF[kind === 'Donchian' ? 'EmaCross' : 'Donchian'];
  const has = [
    ...wanted.map((name) => `has(self.parameters.${name})`),
    ...other.map((name) => `!has(self.parameters.${name})`),
  ];
  return {
    rule: `self.kind != '${kind}' || (${has.join(' && ')})`,
    message: `kind ${kind} takes the parameters ${wanted.join(' and ')} beside barSeconds, and no other`,
  };
}
