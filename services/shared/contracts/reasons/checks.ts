import { NO_ACTION, type ReasonTable } from './reason.ts';

/** Reasons of the named checks of a process, in /readyz and /statusz. */
export const CHECK_REASONS = {
  Ok: { meaning: 'The check passes.', remedy: NO_ACTION },
  Stopping: { meaning: 'The process is stopping.', remedy: 'Wait for its successor.' },
  CheckThrew: { meaning: 'The check itself failed.', remedy: 'Report a bug with the message.' },
  JournalFailing: {
    meaning: 'The trading states cannot be written to the disk of the pod.',
    remedy: 'Free the disk of the node. Until then a halt that Postgres does not have is lost with the process.',
  },
  TaskFailing: { meaning: 'A periodic task keeps failing.', remedy: 'The message is the last error.' },
  NotSynced: {
    meaning: 'The operator has not finished its first list of a resource.',
    remedy: 'Wait. If it persists, check the permissions of the operator.',
  },
  Stale: {
    meaning: 'The operator has received no update about a resource for minutes.',
    remedy: 'Check the API server, and restart the operator.',
  },
  Unreachable: {
    meaning: 'Postgres does not answer at the address in spec.postgres.',
    remedy: 'Check host, port, and the Postgres pod. Until then no new orders are sent.',
  },
  PostgresUnavailable: {
    meaning: 'The migrations wait for Postgres or for its roles.',
    remedy: 'Check host and port in spec.postgres, and the roles Job of charts/platform.',
  },
  Disconnected: {
    meaning: 'Redis does not answer at the address in spec.redis.',
    remedy: 'Check host, port, password and the Redis pod. Until then no new orders are approved.',
  },
  RedisFailing: { meaning: 'Redis answers with an error.', remedy: 'The message is the error of Redis.' },
  Joining: { meaning: 'A stream reader has not read from Redis yet.', remedy: 'Wait a few seconds.' },
  HandlerBlocked: {
    meaning: 'Stream entries wait because a dependency is unavailable.',
    remedy: 'The message names the dependency. Entries are retried, none is lost.',
  },
  Lagging: {
    meaning: 'The oldest unacknowledged stream entry is too old.',
    remedy: 'Read the log of the service. If Postgres is slow, check its disk.',
  },
  PublishFailing: {
    meaning: 'Redis refuses or does not confirm messages.',
    remedy: '"Full": see "Redis is full". Otherwise check the Redis pod.',
  },
  OutboxBehind: {
    meaning: 'Committed messages wait for Redis.',
    remedy: 'Check the Redis pod. They are published in order when it returns.',
  },
  SymbolUnknown: {
    meaning: 'The venue does not list a configured symbol.',
    remedy:
      'Correct a wrong name. While a position of the pair is held, keep the pair: it is sold while the venue takes orders. Otherwise remove it. Other pairs are traded. See "A symbol is not reconciled".',
  },
  SymbolNotTradable: {
    meaning: 'The venue does not allow API trading of a configured symbol at present.',
    remedy:
      'Wait for the venue. While a position of the pair is held, keep the pair: it is sold while the venue takes orders. Other pairs are traded. See "A symbol is not reconciled".',
  },
  InstrumentsUnknown: {
    meaning: 'The list of pairs has not been read from the venue yet.',
    remedy: 'Wait. If it persists, check that the venue is reachable from the ws pod.',
  },
  InstrumentsStale: {
    meaning: 'The list of pairs has not been read from the venue for too long.',
    remedy: 'Check that the venue is reachable from the ws pod.',
  },
  NotSubscribed: { meaning: 'No symbol is subscribed yet.', remedy: 'See the check "instruments".' },
  VenueDisconnected: {
    meaning: 'Not all connections to the venue are open.',
    remedy: 'ws reconnects. Check that the venue (in Paper the exchange-simulator) is reachable.',
  },
  BookNotBuilt: {
    meaning: 'Depth updates arrive, but the order book is not synchronised yet.',
    remedy: 'Wait: it is rebuilt from a snapshot.',
  },
  FeedStale: {
    meaning: 'Market data of a pair is older than risk.maxFeedAgeMs, or as far in the future.',
    remedy: 'See "Feed". Until then no new orders of the pair are approved.',
  },
  FeedMissing: { meaning: 'No order book of a pair has been received yet.', remedy: 'Wait, or check ws.' },
  FeedSilent: {
    meaning: 'Neither a trade nor an order book of a pair has been received for too long.',
    remedy: 'Check ws.',
  },
  StrategyWarming: {
    meaning: 'After a restart a strategy keeps its stance Long unexamined, until it has enough bars.',
    remedy: 'See "A strategy warms up". To close all positions now, see "Sell every position now".',
  },
  BarsIncomplete: {
    meaning: 'Bars of a strategy lack trades. It opens no position while it needs them.',
    remedy: 'None: it closes positions, and opens them again after the time in the message. See "Feed".',
  },
  HistoryLoading: { meaning: 'Past trades are being read for the first bars.', remedy: 'Wait.' },
  InstrumentUnknown: {
    meaning: 'The trading rules of a symbol have not been published by ws.',
    remedy: 'Wait, or read the check "instruments" of ws.',
  },
  Warming: { meaning: 'Execution has not read the fence yet.', remedy: 'Wait, or check Postgres.' },
  Fenced: {
    meaning: 'Execution lost the fence to a newer epoch.',
    remedy: 'Wait: the process ends after five seconds and restarts armed.',
  },
  FenceWentBack: {
    meaning: 'Execution stopped sending, because the fence in Postgres is below the epoch that it was granted.',
    remedy: 'The process ends after five seconds and restarts armed. See "Sender".',
  },
  RecordWentBack: {
    meaning: 'Execution stopped sending, because Postgres may have lost its last commits.',
    remedy: 'The process ends after five seconds and restarts armed. See "Sender".',
  },
  RecordStale: {
    meaning: 'Execution stopped sending, because a newer epoch was granted that its Postgres does not show.',
    remedy: 'The process ends after five seconds and restarts armed. See "Sender".',
  },
  PrivateStreamDisconnected: {
    meaning: 'The private stream of the venue is not connected.',
    remedy: 'It reconnects; fills are fetched by REST. Check that the venue is reachable.',
  },
  ListenKeyRefused: {
    meaning: 'The venue refuses a listen key.',
    remedy: 'Check the API key and its permissions in the Secret of spec.venue.credentials.',
  },
  ReconcileOverdue: {
    meaning: 'Record and venue have not been compared for too long: an instrument, the balances or the clock.',
    remedy: 'See "A symbol is not reconciled".',
  },
  ReleaseArmed: {
    meaning: 'Another release of risk decides, or none does. This process waits until it is activated.',
    remedy:
      'Wait for the operator: it activates the release that it rolls out once every other check of its pod passes. It activates none of a suspended stack, or of one whose spec it cannot read.',
  },
  ActivationUnknown: {
    meaning: 'Risk has not read for five seconds, or since it started, which release of it decides.',
    remedy: 'Check the connection to Postgres.',
  },
  PairRefused: {
    meaning: 'The venue refuses requests for a symbol: it is not listed, paused, or not permitted for this API key.',
    remedy: 'The other symbols are traded. See "A symbol is not reconciled".',
  },
  NotReconciled: {
    meaning: 'A symbol or the balances have not been compared with the venue: no entries are sent there.',
    remedy: 'See "A symbol is not reconciled".',
  },
  LedgerDrift: {
    meaning: 'Ledger and venue differ in several readings in a row: no buys with the asset are sent.',
    remedy:
      'If you deposited or withdrew, book the difference that the message names; if you traded by hand, book the trade. Sells go on. See "Ledger drift".',
  },
  BalanceUnreadable: {
    meaning: 'The balance of an asset at the venue cannot be read: no buys with the asset are sent.',
    remedy: 'The message has what the venue reports. Everything else is sent. Report a bug.',
  },
  ClockSkewed: {
    meaning: 'Our clock and the clock of the venue differ by more than execution allows.',
    remedy: 'Fix the time synchronisation of the node. Until then no orders are sent; cancellations are.',
  },
  DatabaseSlow: {
    meaning: 'Statements take longer than a permit to send lasts: no orders are sent.',
    remedy: 'Check locks, disk and load of Postgres.',
  },
  SetApart: {
    meaning: 'A fill, an order, an approval or a trade by hand is set apart: its symbol takes no entries.',
    remedy: 'See "Something is set apart".',
  },
  RowUnreadable: {
    meaning: 'A row of the account cannot be read. Entries that it concerns are refused; exits go on.',
    remedy: 'See "A row cannot be read".',
  },
  PositionAbandoned: {
    meaning:
      'A position is held whose strategy or pair was removed, or sends no signals: only a stop or Flattening sells it.',
    remedy: 'See "A position was abandoned".',
  },
  CoinsMissing: {
    meaning: 'A position is held whose coins the account has not: it cannot be sold, and its strategy buys no more.',
    remedy: 'See "Coins of a position are missing".',
  },
  OtherStack: {
    meaning: 'Another stack of this product trades a symbol on the same account: no entries are sent there.',
    remedy: 'See "Two stacks on one account".',
  },
  ForeignOrders: {
    meaning: 'The venue lists open orders that neither this stack nor another one of this product sent.',
    remedy: 'None needed: they stop nothing. See "Foreign orders".',
  },
  ApprovalsNotSwept: {
    meaning:
      'Approvals that Redis lost are not found, and expired ones do not end. Announced ones are still sent if no other check fails.',
    remedy: 'The message is the last error. If Postgres is slow, check its disk.',
  },
  UnknownOrders: {
    meaning: 'The outcome of an order has been unknown for a minute.',
    remedy: 'See "An order is Unknown".',
  },
  EndedAtVenue: {
    meaning: 'For a minute, the venue has called an order ended without showing all of its fills.',
    remedy: 'It ends here when the venue shows them. See "An order has not ended".',
  },
  JournalUnwritable: {
    meaning: 'The exchange simulator cannot write its journal.',
    remedy: 'Check the volume: full, or read-only. The process restarts.',
  },
  TapeStalled: { meaning: 'The tape of the simulator has stopped.', remedy: 'Read the log of exchange-simulator.' },
} as const satisfies ReasonTable;
