import { formatDecimal, ZERO } from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import { BAD_SYMBOL, missing } from '../../core/venue-refusal.ts';
import type { EndpointContext, SignedEndpoint } from './endpoint.ts';
import { parseCount, parseSymbol } from './order-parameters.ts';
import { fillView } from './order-view.ts';
import type { SignedParameters } from './signed-request.ts';
import { answer, refuse, type VenueReply } from './venue-reply.ts';

/** MEXC's account endpoints (API document, "Spot Account/Trade" and "Wallet Endpoints"). */
export const ACCOUNT_ENDPOINTS: readonly SignedEndpoint[] = [
  { access: 'signed', method: 'GET', path: '/api/v3/account', handle: account },
  { access: 'signed', method: 'GET', path: '/api/v3/myTrades', handle: myTrades },
  { access: 'signed', method: 'GET', path: '/api/v3/tradeFee', handle: tradeFee },
  {
    access: 'signed',
    method: 'GET',
    path: '/api/v3/selfSymbols',
    handle: (_signed, { symbols }) => answer({ code: 200, data: symbols.keys(), msg: null }),
  },
  { access: 'signed', method: 'GET', path: '/api/v3/capital/config/getall', handle: currencies },
];

/** Returns the account. The venue lists only assets with a non-zero balance. */
function account(signed: SignedParameters, { market }: EndpointContext): VenueReply {
  const balances = market.engine.ledger
    .balances(signed.account)
    .filter(({ free, locked }) => free !== ZERO || locked !== ZERO);
  return answer({
    canTrade: true,
    canWithdraw: false,
    canDeposit: false,
    updateTime: null,
    accountType: 'SPOT',
    balances: balances.map(({ asset, free, locked }) => ({
      asset,
      free: formatDecimal(free),
      locked: formatDecimal(locked),
      available: formatDecimal(free),
    })),
    permissions: ['SPOT'],
  });
}

/** Returns fills, newest first, at most 100. */
function myTrades({ account: name, parameters }: SignedParameters, context: EndpointContext): VenueReply {
  const symbol = parseSymbol(parameters, context.symbols);
  if (!symbol.ok) return refuse(symbol.refusal);
  const limit = parseCount(parameters, 'limit', { fallback: 100, max: Number.MAX_SAFE_INTEGER });
  const start = parseCount(parameters, 'startTime', { fallback: 0, max: Number.MAX_SAFE_INTEGER });
  const end = parseCount(parameters, 'endTime', { fallback: Infinity, max: Number.MAX_SAFE_INTEGER });
  if (limit === undefined || start === undefined || end === undefined) return refuse(missing('limit'));
  const orderId = parameters.get('orderId');
  const fills = context.market.engine.ledger
    .fills(name, symbol.value)
    .filter((fill) => fill.time >= start && fill.time <= end && (orderId === null || fill.orderId === orderId));
  const page = limit === 0 ? [] : fills.slice(-Math.min(limit, 100));
  return answer(page.map((fill) => fillView(fill)).reverse());
}

/** Returns fees as fractions. They are JSON numbers, as at the venue. */
function tradeFee({ parameters }: SignedParameters, { symbols, market, clock }: EndpointContext): VenueReply {
  const symbol = parseSymbol(parameters, symbols);
  if (!symbol.ok) return refuse(symbol.refusal);
  const instrument = market.engine.instrument(symbol.value);
  if (instrument === undefined) return refuse(BAD_SYMBOL);
  return answer({
    data: {
      makerCommission: Number(formatDecimal(instrument.makerFee)),
      takerCommission: Number(formatDecimal(instrument.takerFee)),
    },
    code: 0,
    msg: 'success',
    timestamp: clock.nowMs(),
  });
}

/** Paper assets have no networks, because they cannot be withdrawn. */
function currencies(_signed: SignedParameters, { market }: EndpointContext): VenueReply {
  const assets = new Set(
    market.engine.symbols.flatMap((symbol) => {
      const { base, quote } = assetsOf(symbol);
      return [base, quote];
    }),
  );
  return answer([...assets].map((asset) => ({ coin: asset, name: asset, networkList: [] })));
}
