import { z } from 'zod';
import { approvedOrderMessage, type ApprovedOrderMessage } from '../../../shared/contracts/messages/approved-order.ts';
import { approve } from '../../../shared/domain/orders/approved.ts';
import type { ApprovedOrder } from '../../core/order-record.ts';
import type { MalformedApproval } from '../../ports.ts';

/** Parses a message of risk. It counts as approved because only risk may write to the table that it comes from. */
export function readApproval(decisionId: string, json: unknown): ApprovedOrder | MalformedApproval {
  const { data, error } = approvedOrderMessage.safeParse(json);
  if (data !== undefined) return approve<ApprovedOrderMessage>(data);
  return { decisionId, problem: z.prettifyError(error), payload: json };
}

export function isMalformed(approval: ApprovedOrder | MalformedApproval): approval is MalformedApproval {
  return 'problem' in approval;
}
