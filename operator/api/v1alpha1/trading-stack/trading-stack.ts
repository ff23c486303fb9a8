import { z } from 'zod';
import { tradingStackSpec, type TradingStackSpec } from './spec.ts';
import { tradingStackStatus, UNOBSERVED } from './status.ts';
import { validated } from '../validation-rule.ts';

export const TRADING_STACK = {
  group: 'tradingstack.dev',
  version: 'v1alpha1',
  plural: 'tradingstacks',
  singular: 'tradingstack',
  kind: 'TradingStack',
  shortNames: ['tstack'],
  categories: ['trading'],
} as const;
export const TRADING_STACK_API_VERSION = `${TRADING_STACK.group}/${TRADING_STACK.version}`;

/**
 * Maximum length of a stack name. The longest child name is `<stack>-exchange-simulator-<hash>`, and an object name
 * that becomes a label value has at most 63 characters.
 */
export const STACK_NAME_LENGTH_MAX = 30;

/** Schema of a TradingStack. */
export const tradingStack = z
  .object({
    spec: tradingStackSpec,
    // Shown from creation until an operator reconciles the stack.
    status: tradingStackStatus.default(UNOBSERVED),
  })
  .meta({
    description:
      'TradingStack is one complete trading system: market data, strategies, risk, execution and their database ' +
      'records.',
    ...validated({
      rule:
        `self.metadata.name.size() <= ${STACK_NAME_LENGTH_MAX} && ` +
        "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
      message:
        `metadata.name must be at most ${STACK_NAME_LENGTH_MAX} lower-case letters, digits and "-", ` +
        'starting with a letter',
    }),
  });

/**
 * Parses a spec received from the API server and fills in defaults, since the spec may have been stored without them.
 * Ignores fields that it does not know: a newer CRD fills in their defaults, and the API server has dropped the rest.
 * Returns at most five problems, joined by "; ".
 */
export function parseSpec(spec: unknown): { readonly spec: TradingStackSpec } | { readonly problem: string } {
  const result = tradingStackSpec.safeParse(spec);
  if (result.success) return { spec: result.data };
  const problems = result.error.issues.map(({ path, message }) => `spec.${path.join('.')}: ${message}`);
  return { problem: problems.slice(0, 5).join('; ') };
}

/** A TradingStack as received from the API server. The spec is untrusted until `parseSpec`. */
export interface TradingStackObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly managedFields?: unknown;
  };
  readonly spec?: unknown;
  /** Untrusted until `readStatus`. */
  readonly status?: unknown;
}
