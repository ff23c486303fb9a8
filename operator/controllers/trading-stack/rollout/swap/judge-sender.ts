import type { SenderEvidence, SenderStatus } from '../../../../../services/shared/contracts/statusz.ts';
import type { GATE_REASONS } from '../../../../../services/shared/contracts/reasons/gates.ts';
import type { Problem } from '../../../../../services/shared/domain/problem.ts';
import type { ObservedPod } from '../../observe/observation.ts';
import { newestSender } from './sender-role.ts';

/** Bounds of what a new sender may show. */
export interface ProbationTerms {
  /** Milliseconds that the median of the answers of the venue may take. */
  readonly maxMedianMs: number;
}

/** Fewer orders than these prove nothing: the venue refuses one of a healthy sender, too. */
const ORDERS_MIN = 3;
const ANSWERS_MIN = 5;

interface Rule {
  readonly reason: keyof typeof GATE_REASONS;
  /** Whether it proves that the sender fails. Without that, the probation only starts again. */
  readonly proves: boolean;
  readonly finds: (evidence: SenderEvidence, terms: ProbationTerms) => string | false;
}

/** The first rule that finds something is reported, so proofs come first. */
const RULES: readonly Rule[] = [
  {
    reason: 'OrdersRejected',
    proves: true,
    finds: (evidence) => isMostlyBad(evidence) && evidence.rejected >= evidence.failed && countsOf(evidence),
  },
  {
    reason: 'OrdersFailed',
    proves: true,
    finds: (evidence) => isMostlyBad(evidence) && countsOf(evidence),
  },
  {
    reason: 'OutcomesOverdue',
    proves: true,
    finds: ({ overdueOrders }) => overdueOrders > 0 && `orders without an outcome for a minute: ${overdueOrders}`,
  },
  {
    reason: 'NewDrift',
    proves: true,
    finds: ({ newDrifts }) => newDrifts > 0 && `assets whose balance is not what the ledger says: ${newDrifts}`,
  },
  { reason: 'AnswersSlow', proves: true, finds: slowAnswers },
  {
    reason: 'OutcomesUnknown',
    proves: false,
    finds: ({ unknownOrders }) => unknownOrders > 0 && `orders whose outcome is unknown: ${unknownOrders}`,
  },
];

const PROOFS: ReadonlySet<string> = new Set(RULES.filter(({ proves }) => proves).map(({ reason }) => reason));

/** Whether a reason of the gate proves that the new sender fails, so that waiting longer would be of no use. */
export function provesFailure(reason: string): boolean {
  return PROOFS.has(reason);
}

/**
 * Judges a new sender by its own answer. A quiet market, in which it sends no order, is no problem. What is not
 * answered or not reported neither passes nor fails it.
 */
export function judgeSender(pods: readonly ObservedPod[], terms: ProbationTerms): Problem | undefined {
  const sender = activeSender(pods);
  if (sender === undefined) return { reason: 'EvidenceMissing', message: 'no pod reports that it sends' };
  const { evidence } = sender;
  if (evidence === undefined || evidence === null)
    return {
      reason: 'EvidenceMissing',
      message: 'this release of execution does not report what became of its orders',
    };
  for (const { reason, finds } of RULES) {
    const message = finds(evidence, terms);
    if (message !== false) return { reason, message };
  }
  return obstacleOf(sender);
}

/** Returns the status of the process that reports that it sends; undefined without one. A spare never counts. */
export function activeSender(pods: readonly ObservedPod[]): SenderStatus | undefined {
  const answer = newestSender(pods)?.answer;
  return answer?.kind === 'Answered' ? answer.statusz.sender : undefined;
}

/** Says what a sender has shown, for the person who reads that it passed. */
export function evidenceLine({ evidence }: SenderStatus): string {
  if (evidence === undefined || evidence === null) return 'no evidence of orders';
  const { acknowledged, rejected, failed, medianMs } = evidence;
  if (acknowledged + rejected + failed === 0)
    return 'no order was sent: judged by its checks, outcomes and balances only';
  return `${countsOf(evidence)}${medianMs === null ? '' : `, median of the answers ${medianMs} ms`}`;
}

function isMostlyBad({ acknowledged, rejected, failed }: SenderEvidence): boolean {
  const bad = rejected + failed;
  return bad >= ORDERS_MIN && bad > acknowledged;
}

function countsOf({ acknowledged, rejected, failed }: SenderEvidence): string {
  return `orders acknowledged: ${acknowledged}, rejected: ${rejected}, without an answer: ${failed}`;
}

function slowAnswers(evidence: SenderEvidence, { maxMedianMs }: ProbationTerms): string | false {
  const { acknowledged, rejected, medianMs } = evidence;
  if (medianMs === null || acknowledged + rejected < ANSWERS_MIN || medianMs <= maxMedianMs) return false;
  return `the median of the answers is ${medianMs} ms, at most ${maxMedianMs} ms are allowed`;
}

/** A halt is no problem of the sender. An obstacle to some orders, such as a drift of before, does not stop all. */
function obstacleOf({ maySend, obstacle }: SenderStatus): Problem | undefined {
  if (maySend !== false || obstacle === undefined || obstacle === null || obstacle.reason === 'Halted')
    return undefined;
  return { reason: obstacle.reason, message: obstacle.message };
}
