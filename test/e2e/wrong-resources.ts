import { breakout, cross, sampleStack, type SampleOptions } from '../fixtures/sample-stack.ts';

/** A resource that the API server must reject, and what its answer must contain. */
export interface WrongResource {
  readonly what: string;
  readonly resource: ReturnType<typeof sampleStack>;
  /** Parts of the message that kubectl shows. */
  readonly says: readonly string[];
  /** Rejected only under strict field validation, which kubectl requests and other clients may not. */
  readonly strict?: true;
}

type Change = NonNullable<SampleOptions['change']>;

/**
 * Every kind of mistake that can be detected in one object. Each has a message that names the field, the given value or
 * the accepted one.
 */
export function wrongResources(options: Omit<SampleOptions, 'change'> = {}): readonly WrongResource[] {
  const wrong: Wrong = (what, change, ...says) => ({
    what,
    resource: sampleStack({ ...options, name: 'wrong', change }),
    says,
  });
  return [
    ...wrongStops(wrong),
    ...wrongRequotes(wrong),
    ...wrongRisk(wrong),
    wrong('mode Live', { mode: 'Live' }, 'spec.mode', 'only Paper is accepted in this version'),
    wrong('an unknown mode', { mode: 'paper' }, 'spec.mode', 'Unsupported value: "paper"'),
    wrong(
      'a symbol in lower case',
      { instruments: [{ symbol: 'XRP/ETH' }, { symbol: 'xrp/eth' }] },
      'spec.instruments[1].symbol',
      'must be BASE/QUOTE in upper case, such as "XRP/ETH", not "xrp/eth"',
    ),
    wrong(
      'a strategy on an instrument that the stack lacks',
      { strategies: [cross({ symbols: ['BTC/USDT'] })] },
      'spec.strategies',
      'every symbol of a strategy must be listed in spec.instruments',
    ),
    wrong(
      'an unknown kind of strategy',
      { strategies: [cross({ kind: 'Martingale' })] },
      'spec.strategies[0].kind',
      'Unsupported value: "Martingale"',
    ),
    wrong(
      'a fast average slower than the slow one',
      { strategies: [cross({ parameters: { fastBars: 8, slowBars: 3 } })] },
      'spec.strategies[0].parameters',
      'fastBars must be less than slowBars',
    ),
    wrong(
      'parameters of another kind',
      { strategies: [breakout({ parameters: { fastBars: 3, slowBars: 8 } })] },
      'spec.strategies[0]',
      'kind Donchian requires the parameters entryBars and exitBars and, besides barSeconds, no others',
    ),
    wrong(
      'an exit channel longer than the entry channel',
      { strategies: [breakout({ parameters: { entryBars: 4, exitBars: 10 } })] },
      'spec.strategies[0].parameters',
      'exitBars must not exceed entryBars',
    ),
    wrong(
      'two strategies with the same name',
      { strategies: [cross(), breakout({ name: 'cross' })] },
      'spec.strategies[1]',
      'Duplicate value',
    ),
    wrong('no strategy', { strategies: [] }, 'spec.strategies', 'should have at least 1 item'),
    ...wrongAmounts(wrong),
    ...wrongPlaces(wrong),
    {
      what: 'a misspelt field',
      resource: sampleStack({ ...options, name: 'wrong', change: { risk: { maxOrderNotionall: '1' } } }),
      says: ['unknown field "spec.risk.maxOrderNotionall"'],
      strict: true,
    },
    {
      what: 'a name too long for its children',
      resource: sampleStack({ ...options, name: 'a-name-of-more-than-thirty-letters' }),
      says: ['metadata.name must be at most 30 lower-case letters'],
    },
  ];
}

type Make = (what: string, change: Change, ...says: readonly string[]) => WrongResource;

function wrongAmounts(wrong: Make): readonly WrongResource[] {
  return [
    wrong(
      'an amount with a unit',
      { strategies: [cross({ orderNotional: '0.2 ETH' })] },
      'spec.strategies[0].orderNotional',
      'must be a quoted decimal greater than zero, such as "12.5", not "0.2 ETH"',
    ),
    wrong(
      'an amount without quotes',
      { strategies: [cross({ orderNotional: 0.2 })] },
      'spec.strategies[0].orderNotional',
      'must be of type string',
    ),
    wrong('an amount of zero', { risk: { maxOrderNotional: '0.0' } }, 'spec.risk.maxOrderNotional', 'not "0.0"'),
    wrong(
      'an order above the limit',
      { strategies: [cross({ orderNotional: '0.6' })] },
      'orderNotional of a strategy must not exceed risk.maxOrderNotional',
    ),
    wrong(
      'an order limit above the position limit',
      { risk: { maxOrderNotional: '3' } },
      'spec.risk',
      'maxOrderNotional must not exceed maxPositionNotional',
    ),
    wrong(
      'a negative balance',
      { paper: { balances: { ETH: '-1' } } },
      'spec.paper.balances',
      'must be a quoted decimal greater than or equal to zero, such as "12.5", not "-1"',
    ),
    wrong(
      'memory without a unit',
      { services: { ws: { resources: { limits: { memory: '256' } } } } },
      'spec.services.ws.resources.limits.memory',
      'must be an amount with a unit, such as "256Mi", not "256"',
    ),
    wrong(
      'a memory request above its limit',
      { services: { ws: { resources: { requests: { memory: '1Gi' }, limits: { memory: '512Mi' } } } } },
      'spec.services.ws.resources',
      'requests.memory must not exceed limits.memory',
    ),
    wrong(
      'a tape of speed zero',
      { venue: { tape: { speed: 0 } } },
      'spec.venue.tape.speed',
      'greater than or equal to 1',
    ),
  ];
}

function wrongPlaces(wrong: Make): readonly WrongResource[] {
  return [
    wrong(
      'a tape of another instrument',
      { venue: { tape: { symbol: 'BTC/USDT' } } },
      'spec.venue.tape.symbol',
      'venue.tape.symbol must be listed in spec.instruments',
    ),
    wrong('an unknown venue', { venue: { name: 'binance' } }, 'spec.venue.name', 'Unsupported value: "binance"'),
    wrong(
      'a feed that this version does not have',
      { venue: { feed: 'venue' } },
      'spec.venue.feed',
      'only tape is accepted in this version',
    ),
    wrong(
      'an image without tag or digest',
      { release: { image: 'registry.example.com/tradingstack' } },
      'spec.release.image',
      'must be an image with a tag or a digest',
    ),
    wrong('no image', { release: { image: null } }, 'spec.release.image', 'Required value'),
    wrong('a port above 65535', { redis: { port: 70_000 } }, 'spec.redis.port', 'less than or equal to 65535'),
    wrong(
      'an invalid Secret name',
      { venue: { credentials: { secretName: 'My Keys' } } },
      'spec.venue.credentials.secretName',
      'must be an object name',
    ),
  ];
}

function wrongRisk(wrong: Wrong): readonly WrongResource[] {
  const two = [{ symbol: 'XRP/ETH' }, { symbol: 'ETH/BTC' }];
  return [
    ...wrongWindows(wrong),
    wrong(
      'several quote assets without a currency of the limits',
      { instruments: two },
      'spec.risk',
      'risk.currency is required',
    ),
    wrong(
      'a currency of the limits that no instrument has',
      { instruments: two, risk: { currency: 'USDT' } },
      'spec.risk',
      'must be an asset of spec.instruments',
    ),
    wrong(
      'a currency in lower case',
      { risk: { currency: 'eth' } },
      'spec.risk.currency',
      'must be an asset in upper case, such as "USDT", not "eth"',
    ),
    wrong(
      'a daily loss of zero',
      { risk: { maxDailyLoss: '0' } },
      'spec.risk.maxDailyLoss',
      'must be a quoted decimal greater than zero',
    ),
    wrong(
      'a drawdown of everything',
      { risk: { maxDrawdownPercent: '100' } },
      'spec.risk.maxDrawdownPercent',
      'must be a quoted percentage greater than zero and less than 100, such as "2.5", not "100"',
    ),
    wrong(
      'a drawdown that flattens',
      { risk: { onDrawdown: 'Flattening' } },
      'spec.risk.onDrawdown',
      'Unsupported value: "Flattening"',
    ),
    wrong(
      'a cool-down of zero',
      { risk: { breakerCoolDownSeconds: 0 } },
      'spec.risk.breakerCoolDownSeconds',
      'should be greater than or equal to 10',
    ),
  ];
}

function wrongWindows(wrong: Wrong): readonly WrongResource[] {
  const window = (change: object): Change => ({
    rollout: { window: { schedule: '0 2 * * *', duration: '4h', ...change } },
  });
  const field = 'spec.rollout.window';
  return [
    wrong(
      'an hour that no day has',
      window({ schedule: '0 24 * * *' }),
      `${field}.schedule`,
      'must be a cron expression of five fields, such as "0 2 * * SAT", not "0 24 * * *"',
    ),
    wrong('seconds in a schedule', window({ schedule: '0 0 2 * * *' }), `${field}.schedule`, 'of five fields'),
    wrong('a date that no year has', window({ schedule: '0 2 30 2 *' }), `${field}.schedule`, 'never occurs'),
    wrong(
      'a length without a unit',
      window({ duration: '4' }),
      `${field}.duration`,
      'such as "4h" or "1h30m", not "4"',
    ),
    wrong('a window longer than a week', window({ duration: '169h' }), `${field}.duration`, 'between 1m and 168h'),
  ];
}

type Wrong = (what: string, change: Change, ...says: readonly string[]) => WrongResource;

function wrongRequotes(wrong: Wrong): readonly WrongResource[] {
  return ['requoteTicks', 'requoteSeconds', 'maxRequotes'].map((field) =>
    wrong(
      `${field} of an entry that takes`,
      { strategies: [cross({ entry: 'Take', [field]: 1 })] },
      'requoteTicks, requoteSeconds and maxRequotes need entry Make',
    ),
  );
}

function wrongStops(wrong: Wrong): readonly WrongResource[] {
  return [
    wrong(
      'a stop loss of the whole price',
      { strategies: [cross({ stopLossPercent: '100' })] },
      'spec.strategies[0].stopLossPercent',
      'must be a quoted percentage greater than zero and less than 100, such as "2.5", not "100"',
    ),
    wrong(
      'a trailing stop of zero',
      { strategies: [cross({ trailingStopPercent: '0.0' })] },
      'spec.strategies[0].trailingStopPercent',
      'must be a quoted percentage greater than zero and less than 100, such as "2.5", not "0.0"',
    ),
    wrong(
      'a negative take profit',
      { strategies: [cross({ takeProfitPercent: '-3' })] },
      'spec.strategies[0].takeProfitPercent',
      'must be a quoted percentage greater than zero and less than 10000, such as "2.5", not "-3"',
    ),
    wrong(
      'a longest holding time of zero',
      { strategies: [cross({ maxHoldingSeconds: 0 })] },
      'spec.strategies[0].maxHoldingSeconds',
      'should be greater than or equal to 1',
    ),
  ];
}
