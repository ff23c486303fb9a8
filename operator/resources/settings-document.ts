import type { ServiceName } from '../../services/shared/contracts/catalogue.ts';
import { catalogueRow, databaseRoleOf } from '../../services/shared/contracts/catalogue.ts';
import type { DbWriterDocument } from '../../services/shared/contracts/services/db-writer.ts';
import type { ExchangeSimulatorDocument } from '../../services/shared/contracts/services/exchange-simulator.ts';
import type { ExecutionDocument } from '../../services/shared/contracts/services/execution.ts';
import type { MigrationsDocument } from '../../services/shared/contracts/services/migrations.ts';
import type { RiskDocument } from '../../services/shared/contracts/services/risk.ts';
import type { SignalDocument } from '../../services/shared/contracts/services/signal.ts';
import type { WsDocument } from '../../services/shared/contracts/services/ws.ts';
import { assetsOf } from '../../services/shared/domain/instrument.ts';
import { defaultInstrumentRules } from '../api/v1alpha1/trading-stack/paper.ts';
import type { TradingStackSpec } from '../api/v1alpha1/trading-stack/spec.ts';
import type { StrategySpec } from '../api/v1alpha1/trading-stack/strategy.ts';
import { serviceObjectName, stackIdOf, type StackContext } from './stack-context.ts';

/** Settings document of each service, in the shape that the service parses. */
interface Documents {
  readonly migrations: MigrationsDocument;
  readonly 'exchange-simulator': ExchangeSimulatorDocument;
  readonly ws: WsDocument;
  readonly 'db-writer': DbWriterDocument;
  readonly signal: SignalDocument;
  readonly risk: RiskDocument;
  readonly execution: ExecutionDocument;
}

/**
 * Bounds that a spec cannot change. A signed request is valid for at most 2 s, so that none outlives a change of
 * sender.
 */
const SENDING = {
  recvWindowMs: 2_000,
  skewBoundMs: 500,
  visibilityMs: 2_000,
  permitMs: 2_000,
  reconcileIntervalMs: 5_000,
} as const;
const BOOK_LEVELS = 20;
const WRITER_LAG_MS_MAX = 10_000;

/** Renders the settings document of a service. Equal stacks give equal documents. */
export function settingsDocument<S extends ServiceName>(context: StackContext, service: S): Documents[S] {
  return BUILDERS[service](context);
}

const BUILDERS: { readonly [S in ServiceName]: (context: StackContext) => Documents[S] } = {
  migrations: (context) => ({ stack: stackPart(context), postgres: postgresPart(context, 'migrations') }),
  'exchange-simulator': (context) => simulatorDocument(context),
  ws: (context) => ({
    stack: stackPart(context),
    redis: redisPart(context, 'ws'),
    venue: venuePart(context),
    symbols: symbolsOf(context.spec),
    bookLevels: BOOK_LEVELS,
    maxFeedAgeMs: context.spec.risk.maxFeedAgeMs,
  }),
  'db-writer': (context) => ({
    stack: stackPart(context),
    redis: redisPart(context, 'db-writer'),
    postgres: postgresPart(context, 'db-writer'),
    symbols: symbolsOf(context.spec),
    maxLagMs: WRITER_LAG_MS_MAX,
  }),
  signal: (context) => ({
    stack: stackPart(context),
    redis: redisPart(context, 'signal'),
    strategies: context.spec.strategies.map(strategyPart),
  }),
  risk: (context) => riskDocument(context),
  execution: (context) => ({
    stack: stackPart(context),
    redis: redisPart(context, 'execution'),
    postgres: postgresPart(context, 'execution'),
    venue: venuePart(context),
    halt: context.spec.halt,
    symbols: symbolsOf(context.spec),
    ...SENDING,
  }),
};

function simulatorDocument(context: StackContext): ExchangeSimulatorDocument {
  const { paper, venue, instruments } = context.spec;
  return {
    stack: stackPart(context),
    instruments: instruments.map(({ symbol }) => ({
      ...assetsOf(symbol),
      ...(paper.instruments.find((rules) => rules.symbol === symbol) ?? defaultInstrumentRules(symbol)),
    })),
    tape: venue.tape,
    requoteMs: paper.requoteMs,
    balances: paper.balances,
    seed: paper.seed,
  };
}

function riskDocument(context: StackContext): RiskDocument {
  const { halt, risk, strategies } = context.spec;
  const { entryValidMs, orderDeadlineMs, ...limits } = risk;
  return {
    stack: stackPart(context),
    redis: redisPart(context, 'risk'),
    postgres: postgresPart(context, 'risk'),
    halt,
    limits,
    symbols: symbolsOf(context.spec),
    sizing: strategies.map(({ name, orderNotional, entry }) => ({ strategy: name, orderNotional, entry })),
    entryValidMs,
    orderDeadlineMs,
  };
}

function strategyPart({ name, kind, symbols, parameters }: StrategySpec): SignalDocument['strategies'][number] {
  const { barSeconds, entryBars = 0, exitBars = 0, fastBars = 0, slowBars = 0 } = parameters;
  const base = { name, symbols, barSeconds };
  return kind === 'Donchian' ? { ...base, kind, entryBars, exitBars } : { ...base, kind, fastBars, slowBars };
}

function stackPart({ name, namespace, uid, spec }: StackContext): RiskDocument['stack'] {
  return { id: stackIdOf({ name, uid }), name, namespace, mode: spec.mode };
}

function redisPart({ spec }: StackContext, service: ServiceName): RiskDocument['redis'] {
  return { ...spec.redis, username: service };
}

function postgresPart({ spec }: StackContext, service: ServiceName): RiskDocument['postgres'] {
  return { ...spec.postgres, user: databaseRoleOf(service) };
}

/** The simulator uses the protocol of the venue, so modes differ in the address only. */
function venuePart({ name, spec }: StackContext): WsDocument['venue'] {
  const host = `${serviceObjectName(name, 'exchange-simulator')}:${catalogueRow('exchange-simulator').port}`;
  return { name: spec.venue.name, restUrl: `http://${host}`, wsUrl: `ws://${host}/ws` };
}

function symbolsOf({ instruments }: TradingStackSpec): string[] {
  return instruments.map(({ symbol }) => symbol);
}
