import { NO_ACTION, type ReasonTable } from './reason.ts';

/**
 * Why risk refused an order, or execution never sent it. Stored in risk.decisions.code and trading.orders.reason. And
 * why a position that should be closed is not closed yet, in `exits` of risk's /statusz, or a stop cannot be judged, in
 * its figure `unjudgedStop`.
 */
export const ORDER_REASONS = {
  Halted: {
    meaning: 'A halt is active.',
    remedy:
      'Lift the halt at its source, see status.trading. Positions stay meanwhile; to sell them, see "Sell every position now".',
  },
  Reducing: {
    meaning: 'The trading state is Reducing: only orders that reduce a position are sent.',
    remedy: 'Set the state to Active at its source, see status.trading.',
  },
  Flattening: {
    meaning: 'The trading state is Flattening: positions are sold, and no buy is sent.',
    remedy:
      'To stop the sale, halt. To trade again, set spec.flatten to false, or the annotation to Active. See "Sell every position now".',
  },
  ExitUnfilled: {
    meaning: 'Exits of the position were sent and did not reduce it.',
    remedy: 'See trading.orders. They are repeated. If it must not wait, see "A trade by hand".',
  },
  ExitRejected: {
    meaning: 'The venue rejected the last exit of the position with the code in the message.',
    remedy:
      'Look the code up in the documents of the venue. It is tried again after at most 30 s. See "A position is not closed".',
  },
  ExitNotSent: {
    meaning: 'Execution did not send the last exit of the position, for the reason in the message.',
    remedy:
      'See the reason in the message here or among the checks of execution, kubectl tradingstack orders --all, and "A position is not closed". It is repeated every few seconds.',
  },
  SaleLive: {
    meaning: 'A sale of the position has not ended, or its approval has no order yet. The message says since when.',
    remedy: 'It ends within seconds. If it does not, see the checks of execution, and "A position is not closed".',
  },
  SaleUnsettled: {
    meaning: 'A sale of the position has ended at the venue, and not all of its fills are recorded. The rest is sold.',
    remedy: 'See "An order has not ended".',
  },
  ExitDue: {
    meaning: 'The next attempt to close the position is made now, or at the time in the message.',
    remedy: 'Wait at most 30 s.',
  },
  ExitNotDecided: {
    meaning: 'The last attempt to close the position could not be decided or stored. Other positions are closed.',
    remedy: 'See the log of risk for the error, and Postgres. It is tried again after at most 30 s.',
  },
  SignalsUnread: {
    meaning: 'A signal in Redis may not have been read, so the strategy may want the position again.',
    remedy: 'Wait up to 45 s. If it persists, see the checks "redis" and "signals" of risk.',
  },
  NotComputable: {
    meaning: 'An amount of the order has too many digits.',
    remedy: 'Check the limits and orderNotional against the price of the pair, and report a bug.',
  },
  RowUnreadable: {
    meaning: 'A row of the account that concerns the instrument cannot be read. Refuses entries only.',
    remedy: 'See "A row cannot be read".',
  },
  Dust: { meaning: "The position is below the venue's minimum, and stays.", remedy: 'None.' },
  StrategyNotKnown: { meaning: 'The strategy has no sizing in the settings.', remedy: 'Check spec.strategies.' },
  InstrumentNotKnown: {
    meaning: 'The symbol is not configured, or its trading rules are unknown.',
    remedy:
      'See the check "instruments" of ws. Of a removed pair: see "A position was abandoned". Of a delisted pair: see "A symbol is not reconciled".',
  },
  FeedStale: {
    meaning: 'The order book is missing, older than risk.maxFeedAgeMs, or for an entry as far in the future.',
    remedy: 'See "Feed". An exit is repeated until it gets out; an entry waits for the next bar.',
  },
  EntryPriceUnknown: {
    meaning: 'The position has no cost, so its stop loss and take profit have no entry price.',
    remedy: 'See trading.positions. The trailing stop and the longest holding time apply.',
  },
  StopNotStored: {
    meaning: 'Postgres refuses to store the stop of the position, or does not answer in time.',
    remedy: 'See the log of risk, and locks on risk.stops. It is tried again each second; other exits go on.',
  },
  CollarUnknown: {
    meaning: 'A side of the order book is missing, or for an entry the last trade is missing or too old.',
    remedy: 'Wait for market data, or adjust risk.maxTradeAgeMs.',
  },
  RateUnknown: {
    meaning: 'An amount cannot be converted to risk.currency: a pair has no live price. Refuses entries only.',
    remedy: 'The detail names the pair. See "Feed", or add it to spec.instruments; it needs no strategy.',
  },
  EquityUnknown: {
    meaning: 'The value of the account is unknown, which risk.maxDailyLoss or risk.maxDrawdownPercent needs.',
    remedy: 'The detail says what is missing, such as a price, or the price of a fee. See "A breaker tripped".',
  },
  DailyLoss: {
    meaning: 'The loss of the UTC day has reached risk.maxDailyLoss. Refuses entries only, until the next day.',
    remedy: 'See "A breaker tripped".',
  },
  Drawdown: {
    meaning: 'The equity is risk.maxDrawdownPercent below its peak. Refuses entries only, until a person resets it.',
    remedy: 'See "A breaker tripped".',
  },
  VenueErrors: {
    meaning: 'More requests to the venue failed within a minute than risk.maxVenueErrorPercent. Refuses entries only.',
    remedy: 'See the log of execution. It leaves after risk.breakerCoolDownSeconds. See "A breaker tripped".',
  },
  VenueLatency: {
    meaning: 'The median answer of the venue took longer than risk.maxVenueLatencyMs. Refuses entries only.',
    remedy: 'Check the network to the venue. It leaves after risk.breakerCoolDownSeconds.',
  },
  VenueBanned: {
    meaning: 'The venue refused all requests for longer than risk.maxVenuePauseSeconds. Refuses entries only.',
    remedy: 'Check what else uses the account. It leaves after risk.breakerCoolDownSeconds. See "A breaker tripped".',
  },
  VenueUnknown: {
    meaning:
      'Execution has not reported on the venue for 15 s, which a limit of the venue needs. Refuses entries only.',
    remedy: 'See "Sender": only an active sender reports. See also the log line "periodic task failed" of execution.',
  },
  WideSpread: {
    meaning: 'The spread of the symbol is above risk.maxSpreadPercent. Refuses entries of the symbol only.',
    remedy: 'None: it leaves after risk.breakerCoolDownSeconds below the limit. See "A breaker tripped".',
  },
  PriceMove: {
    meaning: 'The price of the symbol moved by more than risk.maxMovePercent. Refuses entries of the symbol only.',
    remedy: 'None: it leaves after risk.breakerCoolDownSeconds without such a move. See "A breaker tripped".',
  },
  FeedGaps: {
    meaning: 'The feed of the symbol had more gaps than risk.maxFeedGaps. Refuses entries of the symbol only.',
    remedy: 'See "Feed". It leaves after risk.breakerCoolDownSeconds below the limit.',
  },
  OrderTypeNotListed: {
    meaning: 'The venue does not list LIMIT_MAKER for the pair, which `entry: Make` needs. Entries only.',
    remedy: 'Set entry of the strategy to Take, FillOrKill or Market, or trade another pair.',
  },
  OutsideCollar: {
    meaning: 'The price is too far from the order book, or that of an entry from the last trade.',
    remedy: 'Wait for the market, or adjust risk.priceCollarPercent.',
  },
  BetweenSteps: { meaning: 'Price or quantity is not a multiple of its step.', remedy: 'Report a bug.' },
  BelowMinimum: {
    meaning: 'Quantity or notional is below the minimum of the venue.',
    remedy: 'Raise orderNotional of the strategy.',
  },
  AboveMaximum: {
    meaning: 'The notional is above the maximum of the venue.',
    remedy: 'Lower orderNotional of the strategy.',
  },
  NotionalTooLarge: { meaning: 'risk.maxOrderNotional would be exceeded.', remedy: 'Lower orderNotional.' },
  TooManyOrdersPerSecond: {
    meaning: 'risk.maxOrdersPerSecond is reached. Refuses entries only.',
    remedy: 'Wait a second.',
  },
  TooManyOpenOrders: {
    meaning: 'risk.maxOpenOrders is reached. Refuses entries only.',
    remedy: 'Wait for orders to end.',
  },
  PositionTooLarge: { meaning: 'risk.maxPositionNotional would be exceeded.', remedy: 'Wait for an exit.' },
  ExposureTooLarge: { meaning: 'risk.maxExposureNotional would be exceeded.', remedy: 'Wait for an exit.' },
  BalanceUnknown: {
    meaning: 'The balance has not been compared with the venue for too long. Refuses entries only.',
    remedy: 'See the check "reconcile" of execution.',
  },
  InsufficientFunds: {
    meaning: 'The free balance does not cover the order; for an exit, a part of the position is not there.',
    remedy: 'Deposit, or lower the size. For an exit, see "A position is not closed".',
  },
  UnknownOrders: {
    meaning: 'An order on the same symbol has an unknown outcome: until it is known, only sells are sent.',
    remedy: 'See "An order is Unknown".',
  },
  SetApart: {
    meaning: 'A fill, an order or a trade by hand of the symbol is not processed: only sells are sent.',
    remedy: 'See "Something is set apart".',
  },
  OtherStack: {
    meaning: 'Another stack of this product trades the symbol on the same account: only sells are sent.',
    remedy: 'See "Two stacks on one account".',
  },
  OutsideCanary: {
    meaning:
      'The sender runs with a canary, and risk had approved the entry without counting it against the cap: before the canary, or in a release that knows of none.',
    remedy: NO_ACTION,
  },
  CanaryCap: {
    meaning: 'The new sender has bought what execution.canary.maxNotional allows. Refuses entries only.',
    remedy: 'Wait for the end of the canary, see status.execution.canary.',
  },
  OutsideCanaryInstruments: {
    meaning: 'The new sender may not buy this symbol during its canary. Refuses entries only.',
    remedy: 'Wait for the end of the canary, see status.execution.canary.',
  },
  Unprocessable: {
    meaning: 'The order cannot be recorded: an amount is out of range.',
    remedy: 'Check price and size of the strategy; trading.dead_letters has the approval.',
  },
  NotReconciled: {
    meaning: 'The symbol, or for an entry the balances, had not been compared with the venue by the deadline.',
    remedy: 'See the check "reconcile" of execution.',
  },
  SelfTrade: {
    meaning: 'The order would trade with one of our own. For an exit, risk has those buys cancelled.',
    remedy: 'Wait for the other order to end. If an exit waits longer than seconds, see the log of execution.',
  },
  ExitFirst: {
    meaning:
      'A position in the symbol is being closed, and a bid would stand in the way of the exit: the entry was refused, or withdrawn before it was sent.',
    remedy: 'Wait for the exit, see "A position is not closed". Entries wait at most 30 s after a bid was cancelled.',
  },
  ReduceOnly: {
    meaning: 'Ledger and venue differ in the base or quote asset: only orders that reduce a position are sent.',
    remedy: 'See "Ledger drift".',
  },
  OtherRelease: {
    meaning: 'Another release of risk was made active after the entry was approved: only its entries are sent.',
    remedy:
      'None: the active release decides at the next bar. If you changed nothing, see status.risk. If the spec went back to a version of risk without an active release, see "A release was rolled back".',
  },
  ReleaseUnknown: {
    meaning: 'No release of risk was active until the deadline of the entry. Exits are sent.',
    remedy:
      'See status.risk, and the event ReleaseActivationStarted: the operator activates the release that it rolls out.',
  },
  NotActiveRelease: {
    meaning: 'Another release of risk is active, or none is. A process decides exits only while no release is active.',
    remedy: 'See status.risk.',
  },
  Expired: {
    meaning: 'The deadline of the approval passed before it could be sent, or the signal of the entry became too old.',
    remedy: 'See the check "sending" of execution, and the condition Available.',
  },
  NotActive: { meaning: 'The process was not the active sender.', remedy: 'See "Sender".' },
  PermitExpired: {
    meaning: 'The fence was not read recently enough to be sure that it is held.',
    remedy: 'Check Postgres, and whether the node was paused.',
  },
  RateLimited: {
    meaning: 'The venue limits the request rate.',
    remedy: 'Wait; requests resume after its Retry-After.',
  },
  BudgetSpent: {
    meaning: 'The request budget of the stack left no request for the order before its deadline.',
    remedy: 'Send fewer orders, or raise spec.venue.ordersPerSecond to what the venue allows.',
  },
  CommitUnknown: {
    meaning: 'The answer to the commit of the order was lost, so it was not sent.',
    remedy: 'Check the connection to Postgres.',
  },
  SignedTooLongAgo: {
    meaning: 'Committing and connecting took longer than the signature is valid for.',
    remedy: 'Check Postgres, and the connection to the venue.',
  },
  NotWritten: { meaning: 'No byte of the request left the process.', remedy: 'Check that the venue is reachable.' },
  NeverArrived: {
    meaning: 'Several queries after the last possible arrival of the order found no such order at the venue.',
    remedy: 'Check the connection to the venue.',
  },
} as const satisfies ReasonTable;
