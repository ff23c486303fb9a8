import { z } from 'zod';
import { SYMBOLS_MAX } from '../../../../services/shared/contracts/field.ts';
import { TIERS } from '../../../../services/shared/contracts/service-row.ts';
import { HISTORY_DAYS } from '../../../../services/shared/contracts/services/db-writer.ts';
import { parseDecimal } from '../../../../services/shared/domain/decimal.ts';
import { assetsOf } from '../../../../services/shared/domain/instrument.ts';
import { atMost, hostField, intField, symbolField, textField } from '../fields.ts';
import { paperSpec } from './paper.ts';
import { windowSpec } from './rollout/window.ts';
import { releaseSpec } from './rollout/release.ts';
import { riskSpec } from './risk.ts';
import { servicesSpec } from './service-overrides.ts';
import { strategyProblems, strategySpec } from './strategy.ts';
import { executionSpec } from './rollout/swap.ts';
import { SPEC_TRADING_STATES } from './switches.ts';
import { listKeyedBy, validated } from '../validation-rule.ts';
import { venueSpec } from './venue.ts';

const instrument = z
  .object({ symbol: symbolField('Trading pair, BASE/QUOTE.') })
  .meta({ description: 'Instrument that the stack trades and records.' });

const rollout = z
  .object({
    tierDeadlineSeconds: intField(
      'Time in seconds within which a tier must pass its gates. After that, the rollout is stalled. It does not run ' +
        'while the swap of the sender waits for the window or for a person.',
      10,
      86_400,
    ).default(300),
    soakSeconds: intField(
      'Time in seconds for which all gates of a tier must hold before the tier passes.',
      0,
      3_600,
    ).default(3),
    maxParallelTiers: intField(
      'Number of tiers that may be rolled out at the same time. With 1, a tier waits for all earlier ones.',
      1,
      TIERS.length,
    ).default(1),
    autoRollback: z
      .boolean()
      .default(true)
      .meta({
        description:
          'Whether a release that misses the deadline of a tier is rolled back to the last one that worked. Without, ' +
          'it stays where it is. So does one whose sender fails after the swap.',
      }),
    window: windowSpec.exactOptional(),
  })
  .prefault({})
  .meta({ description: 'Rollout of a release, tier by tier.' });

const redis = z
  .object({
    host: hostField('Redis host.').default('redis'),
    port: intField('Redis port.', 1, 65_535).default(6_379),
  })
  .prefault({})
  .meta({ description: 'Redis of the stack. Defaults to the Redis that charts/platform installs.' });

const postgres = z
  .object({
    host: hostField('Host of the Postgres primary.').default('postgres'),
    port: intField('Postgres port.', 1, 65_535).default(5_432),
    database: textField({
      description: 'Name of the database.',
      maxLength: 63,
      pattern: '^[a-z_][a-z0-9_]*$',
      wanted: 'lower-case letters, digits and "_"',
    }).default('trading_ecosystem'),
    historyDays: intField(
      'Time in days for which decisions, steps of orders, signals, snapshots of the portfolio, halts that are over, foreign ' +
        'orders and cleared dead letters are kept. Orders, fills, the ledger and transfers are never deleted. Default: 365.',
      HISTORY_DAYS.min,
      HISTORY_DAYS.max,
    ).exactOptional(),
  })
  .prefault({})
  .meta({ description: 'Postgres of the stack. Defaults to the Postgres that charts/platform installs.' });

const fields = z.object({
  mode: z
    .enum(['Paper', 'Testnet', 'Live'])
    .default('Paper')
    .meta({
      description:
        'Order destination: Paper (the built-in exchange simulator), Testnet, or Live (the venue, with real ' +
        'money). Only Paper is accepted in this version.',
      ...validated({
        rule: "self == 'Paper'",
        message: 'only Paper is accepted in this version; Testnet and Live are not supported yet',
      }),
    }),
  tradingState: z
    .enum(SPEC_TRADING_STATES)
    .default('Active')
    .meta({
      description:
        'Requested trading state: Active, Reducing (no new risk: only orders that reduce a position are sent) or ' +
        'Halted (only cancellations are sent). The most restrictive request of all sources applies; see status.trading. ' +
        'To close all positions, see flatten.',
    }),
  halt: z
    .boolean()
    .default(false)
    .meta({
      description:
        'Emergency stop: true requests the trading state Halted. It is sent to risk and execution at once, whatever ' +
        'else is wrong with the stack. Positions stay: while the halt lasts, exits and stops do not sell. To sell every ' +
        'position, see flatten. A halt that a person set is lifted only by a person; see docs/runbook.md.',
    }),
  flatten: z
    .boolean()
    .default(false)
    .meta({
      description:
        'true requests the trading state Flattening: buys are refused, risk sells every position by limit orders inside ' +
        'the price collar, and then halts (source flatten). Under a halt of another source the sale waits. Set flatten, then ' +
        'lift the halt: no buy is sent in between. false lifts both; what a person set is lifted only by a person.',
    }),
  suspend: z
    .boolean()
    .default(false)
    .meta({
      description:
        'While true, the operator changes no object and activates no sender. It still sends the requested trading ' +
        'state. Running services keep trading; an execution process that restarts sends nothing until then.',
    }),
  release: releaseSpec,
  venue: venueSpec,
  instruments: z
    .array(instrument)
    .min(1)
    .max(SYMBOLS_MAX)
    .meta({ description: 'Instruments that the stack trades and records.', ...listKeyedBy('symbol') }),
  strategies: z
    .array(strategySpec)
    .min(1)
    .max(20)
    .meta({ description: 'Strategies that generate signals.', ...listKeyedBy('name') }),
  // The API server evaluates rules on this default before it fills in the defaults of the members.
  risk: riskSpec.default(riskSpec.parse({})),
  rollout,
  execution: executionSpec,
  services: servicesSpec,
  redis,
  postgres,
  paper: paperSpec,
});
export type TradingStackSpec = z.output<typeof fields>;

const FIRST_SYMBOL = 'self.instruments[0].symbol';
/** A first symbol without a slash passes: the rule of the field reports it. */
const ONE_QUOTE =
  `has(self.risk.currency) || !${FIRST_SYMBOL}.contains('/') || ` +
  `self.instruments.all(i, i.symbol.endsWith(${FIRST_SYMBOL}.substring(${FIRST_SYMBOL}.indexOf('/'))))`;
const CURRENCY_KNOWN =
  "!has(self.risk.currency) || self.instruments.exists(i, i.symbol.startsWith(self.risk.currency + '/') || i.symbol.endsWith('/' + self.risk.currency))";
/** Evaluated on the default of `execution`, too, which has no members yet. */
const CANARY_KNOWN =
  '!has(self.execution.canary) || !has(self.execution.canary.symbols) || ' +
  'self.execution.canary.symbols.all(y, self.instruments.exists(i, i.symbol == y))';
const SYMBOLS_KNOWN = 'self.strategies.all(s, s.symbols.all(y, self.instruments.exists(i, i.symbol == y)))';

/**
 * The specification of a TradingStack. It is the single source of the type, the defaults, the operator's own validation
 * and the CRD.
 */
export const tradingStackSpec = fields
  .superRefine((spec, context) => {
    for (const { path, message } of crossProblems(spec)) context.addIssue({ code: 'custom', path, message });
  })
  .meta({
    description: 'Desired state of the TradingStack.',
    ...validated(
      {
        rule: SYMBOLS_KNOWN,
        message: 'every symbol of a strategy must be listed in spec.instruments',
        fieldPath: '.strategies',
      },
      {
        rule: CANARY_KNOWN,
        message: 'every symbol of execution.canary must be listed in spec.instruments',
        fieldPath: '.execution.canary.symbols',
      },
      {
        rule: 'self.instruments.exists(i, i.symbol == self.venue.tape.symbol)',
        message: 'venue.tape.symbol must be listed in spec.instruments',
        fieldPath: '.venue.tape.symbol',
      },
      {
        rule: 'self.paper.instruments.all(p, self.instruments.exists(i, i.symbol == p.symbol))',
        message: 'every symbol of paper.instruments must be listed in spec.instruments',
        fieldPath: '.paper.instruments',
      },
      {
        rule: ONE_QUOTE,
        message: 'risk.currency is required: the instruments have several quote assets',
        fieldPath: '.risk',
      },
      {
        rule: CURRENCY_KNOWN,
        message: 'risk.currency must be an asset of spec.instruments',
        fieldPath: '.risk',
      },
      {
        rule: `self.strategies.all(s, ${atMost('s.orderNotional', 'self.risk.maxOrderNotional')})`,
        message: 'orderNotional of a strategy must not exceed risk.maxOrderNotional',
        fieldPath: '.strategies',
      },
    ),
  });

/** A broken rule between fields, at the path of the field to change. */
interface SpecProblem {
  readonly path: (string | number)[];
  readonly message: string;
}

/** Repeats the rules between fields exactly: CEL compares decimals as doubles, and admission may be bypassed. */
function crossProblems(spec: TradingStackSpec): readonly SpecProblem[] {
  return [
    ...acceptedValues(spec),
    ...symbolProblems(spec),
    ...canaryProblems(spec),
    ...currencyProblems(spec),
    ...limitProblems(spec),
  ];
}

function acceptedValues({ mode, venue }: TradingStackSpec): readonly SpecProblem[] {
  const problems: SpecProblem[] = [];
  if (mode !== 'Paper') problems.push({ path: ['mode'], message: 'only Paper is accepted in this version' });
  if (venue.feed !== 'tape')
    problems.push({ path: ['venue', 'feed'], message: 'only tape is accepted in this version' });
  return problems;
}

function symbolProblems(spec: TradingStackSpec): readonly SpecProblem[] {
  const known = new Set(spec.instruments.map(({ symbol }) => symbol));
  const problems: SpecProblem[] = [];
  if (known.size !== spec.instruments.length)
    problems.push({ path: ['instruments'], message: 'symbols must be unique' });
  if (!known.has(spec.venue.tape.symbol))
    problems.push({ path: ['venue', 'tape', 'symbol'], message: 'must be listed in spec.instruments' });
  for (const [index, { symbol }] of spec.paper.instruments.entries()) {
    if (!known.has(symbol))
      problems.push({ path: ['paper', 'instruments', index, 'symbol'], message: 'must be listed in spec.instruments' });
  }
  const names = new Set<string>();
  for (const [index, strategy] of spec.strategies.entries()) {
    if (names.has(strategy.name)) problems.push({ path: ['strategies', index, 'name'], message: 'must be unique' });
    names.add(strategy.name);
    for (const symbol of strategy.symbols.filter((candidate) => !known.has(candidate)))
      problems.push({
        path: ['strategies', index, 'symbols'],
        message: `${symbol} must be listed in spec.instruments`,
      });
    for (const message of strategyProblems(strategy)) problems.push({ path: ['strategies', index], message });
  }
  return problems;
}

function canaryProblems({ execution, instruments }: TradingStackSpec): readonly SpecProblem[] {
  const { symbols = [] } = execution.canary;
  const unknown = symbols.filter((symbol) => instruments.every((one) => one.symbol !== symbol));
  const path = ['execution', 'canary', 'symbols'];
  const problems = unknown.map((symbol) => ({ path, message: `${symbol} must be listed in spec.instruments` }));
  return new Set(symbols).size === symbols.length ? problems : [...problems, { path, message: 'must be unique' }];
}

function currencyProblems({ instruments, risk }: TradingStackSpec): readonly SpecProblem[] {
  const pairs = instruments.map(({ symbol }) => assetsOf(symbol));
  const path = ['risk', 'currency'];
  if (risk.currency === undefined) {
    const isOne = new Set(pairs.map(({ quote }) => quote)).size === 1;
    return isOne ? [] : [{ path, message: 'is required: the instruments have several quote assets' }];
  }
  const isKnown = pairs.some(({ base, quote }) => base === risk.currency || quote === risk.currency);
  return isKnown ? [] : [{ path, message: 'must be an asset of spec.instruments' }];
}

function limitProblems({ risk, strategies }: TradingStackSpec): readonly SpecProblem[] {
  const problems: SpecProblem[] = [];
  const above = (a: string, b: string): boolean => parseDecimal(a) > parseDecimal(b);
  if (above(risk.maxOrderNotional, risk.maxPositionNotional))
    problems.push({ path: ['risk', 'maxOrderNotional'], message: 'must not exceed maxPositionNotional' });
  if (above(risk.maxPositionNotional, risk.maxExposureNotional))
    problems.push({ path: ['risk', 'maxPositionNotional'], message: 'must not exceed maxExposureNotional' });
  for (const [index, { orderNotional }] of strategies.entries()) {
    if (above(orderNotional, risk.maxOrderNotional))
      problems.push({
        path: ['strategies', index, 'orderNotional'],
        message: 'must not exceed risk.maxOrderNotional',
      });
  }
  return problems;
}
