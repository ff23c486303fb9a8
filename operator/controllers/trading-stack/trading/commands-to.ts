import type { ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type { TradingStateRequest } from '../../../../services/shared/contracts/control.ts';
import { TRADING_STATES, type SourceState } from '../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { isLacking, isNeeded, isStored, mayLift } from './needed-request.ts';
import { reportedSources } from './reported.ts';

/** Command to one process: the trading state that one source requests. */
export interface TradingCommand {
  readonly pod: string;
  readonly uid: string;
  readonly ip: string;
  readonly service: ServiceName;
  readonly request: TradingStateRequest;
}

/** Requests of all sources, and those of the status. */
interface Requests {
  readonly records: readonly SourceStatus[];
  readonly unsaved: readonly SourceStatus[];
  readonly stored: readonly SourceStatus[];
}

/** Returns what to send to a process, the most restrictive state first. */
export function commandsTo(pod: ObservedPod, { records, unsaved, stored }: Requests): readonly TradingCommand[] {
  const { name, uid, ip, service } = pod;
  if (ip === undefined) return [];
  const reported = reportedSources(pod);
  const reportOf = (record: SourceStatus): SourceState | undefined =>
    reported.find(({ source }) => source === record.source);
  const own = records.filter(
    (record) => isNeeded(record, reportOf(record)) && (!mayLift(record, pod) || isStored(record, stored)),
  );
  // A source of others is lifted by itself only, perhaps while no operator ran: a process is asked first.
  const kept = answers(pod) ? unsaved.filter((record) => isLacking(record, reportOf(record))) : [];
  return [...own, ...kept.map((record) => ({ ...record, copied: true }))]
    .sort((a, b) => TRADING_STATES.indexOf(b.state) - TRADING_STATES.indexOf(a.state))
    .map(({ since: _since, unsaved: _unsaved, unshown: _unshown, ...request }) => ({
      pod: name,
      uid,
      ip,
      service,
      request,
    }));
}

function answers({ answer }: ObservedPod): boolean {
  return answer.kind !== 'Silent';
}
