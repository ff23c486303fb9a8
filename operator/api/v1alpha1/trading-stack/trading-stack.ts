import { z } from 'zod';
import { tradingStackSpec, type TradingStackSpec } from './spec.ts';
import { tradingStackStatus, type TradingStackStatus } from './status.ts';
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

/** The longest name of a child is `<stack>-exchange-simulator-<hash>`, and a name of an object that becomes a label holds 63. */
export const STACK_NAME_LENGTH_MAX = 30;

/** One complete trading system. */
export const tradingStack = z
  .strictObject({
    spec: tradingStackSpec,
    // Shown from the first moment, and as long as no operator has looked at it.
    status: tradingStackStatus.default({ phase: 'Pending', blockedBy: 'waiting for the operator' }),
  })
  .meta({
    description:
      'One complete trading system: market data, strategies, risk, the one sender of orders, and their books.',
    ...validated({
      rule: `self.metadata.name.size() <= ${STACK_NAME_LENGTH_MAX} && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')`,
      message: `metadata.name must be at most ${STACK_NAME_LENGTH_MAX} lower-case letters, digits and "-", a letter first`,
    }),
  });

/** The specification as it came from the API server: its schema has defaults, but it may have been admitted without. */
export function parseSpec(spec: unknown): { readonly spec: TradingStackSpec } | { readonly problem: string } {
  const result = tradingStackSpec.safeParse(spec);
  if (result.success) return { spec: result.data };
  const problems = result.error.issues.map(({ path, message }) => `spec.${path.join('.')}: ${message}`);
  return { problem: problems.slice(0, 5).join('; ') };
}

/** A TradingStack on the wire. Its spec is not trusted before `parseSpec`. */
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
  };
  readonly spec?: unknown;
  readonly status?: TradingStackStatus;
}
