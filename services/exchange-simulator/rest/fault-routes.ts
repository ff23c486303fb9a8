import {
  listingFault,
  priceFault,
  streamsFault,
  transferFault,
  type SimulatorFaults,
} from '../../shared/contracts/simulator-faults.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { HttpError, sendJson, type HttpRequest, type Route } from '../../shared/runtime/http/http-server.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { ListedPairs } from '../core/listed-pairs.ts';
import type { JournaledMarket } from '../journaled-market.ts';
import type { PushServer } from '../stream/push-server.ts';

export interface FaultRoutesOptions {
  readonly market: JournaledMarket;
  readonly pairs: ListedPairs;
  readonly streams: Pick<PushServer, 'cut'>;
  /** The account that transfers and delistings concern. */
  readonly account: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Faults on demand: `POST /simulator/faults/<name>` answers 200 with `{}` once the fault is in force, 400 with the
 * member that is wrong, 404 for a pair that the venue never had, and 409 for a withdrawal of more than is free. A
 * transfer is in the journal; every other fault ends with the process.
 */
export function faultRoutes(options: FaultRoutesOptions): readonly Route[] {
  const { market, streams, account, clock } = options;
  return [
    faultRoute(options, 'price', priceFault, ({ basisPoints }) => market.shift(basisPoints, clock.nowMs())),
    faultRoute(options, 'transfer', transferFault, (transfer) => {
      if (!market.transfer(account, transfer, clock.nowMs()))
        throw new HttpError(409, `the account has less free ${transfer.asset}`);
    }),
    faultRoute(options, 'listing', listingFault, (listing) => setListing(options, listing)),
    faultRoute(options, 'streams', streamsFault, ({ cutMs }) => streams.cut(cutMs)),
  ];
}

/** A pair leaves the list with no open order: the venue cancels them first. */
function setListing(
  { market, pairs, account, clock }: FaultRoutesOptions,
  { symbol, listed }: { readonly symbol: string; readonly listed: boolean },
): void {
  if (!pairs.set(symbol, listed)) throw new HttpError(404, `the venue has no pair ${symbol}`);
  if (listed) return;
  for (const { orderId } of market.engine.ledger.openOrders(account, symbol))
    market.apply({ kind: 'cancel', account, symbol, orderId }, clock.nowMs());
}

/** Schema of a body, as far as a route needs it. */
interface BodySchema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly BodyIssue[] } };
}

interface BodyIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function faultRoute<T>(
  { log }: FaultRoutesOptions,
  name: keyof SimulatorFaults,
  schema: BodySchema<T>,
  inject: (body: T) => void,
): Route {
  return {
    method: 'POST',
    path: `/simulator/faults/${name}`,
    handle: async (request, response) => {
      const { body, text } = await bodyOf(request, schema);
      inject(body);
      log.warn({ fault: name, body: text }, 'fault injected on demand');
      sendJson(response, 200, {});
    },
  };
}

async function bodyOf<T>(
  request: HttpRequest,
  schema: BodySchema<T>,
): Promise<{ readonly body: T; readonly text: string }> {
  const value = await request.json();
  const parsed = schema.safeParse(value);
  if (parsed.success) return { body: parsed.data, text: JSON.stringify(value) };
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  throw new HttpError(400, problems.join('; ').slice(0, 500));
}
