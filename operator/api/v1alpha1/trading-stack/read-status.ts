import type { z } from 'zod';
import { mostRestrictive } from '../../../../services/shared/domain/trading-state.ts';
import { riskStatus } from './rollout/risk-status.ts';
import {
  condition,
  executionStatus,
  haltStatus,
  releaseChange,
  RELEASES_MAX,
  releaseStatus,
  serviceStatus,
  sourceStatus,
  tierStatus,
  tradingStackStatus,
  tradingStatus,
  type ExecutionStatus,
  type TradingStackStatus,
  type TradingStatus,
} from './status.ts';

/**
 * Reads a status that another version, a restore or a person may have written. Whatever does not fit the schema is
 * dropped on its own, field by field and entry by entry, because the next observation replaces it. What it cannot
 * replace stays whatever the rest holds: the epoch, below which no sender may be activated, and each request of the
 * trading state. Never throws. The same object, which is never changed, is read once: each event of each child of a
 * stack asks for it, and reading it takes milliseconds.
 */
export function readStatus(status: unknown): TradingStackStatus {
  const given = fieldsOf(status);
  const known = READ.get(given);
  if (known !== undefined) return known;
  const read = readFields(given);
  READ.set(given, read);
  return read;
}

const READ = new WeakMap<object, TradingStackStatus>();

function readFields(given: Readonly<Record<string, unknown>>): TradingStackStatus {
  const read: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(tradingStackStatus.shape)) {
    const value = given[key];
    const known = value === undefined ? undefined : schema.safeParse((READERS[key] ?? unchanged)(value)).data;
    if (known !== undefined) read[key] = known;
  }
  return read;
}

/** How to read what consists of parts that are independent of one another. */
const READERS: Readonly<Record<string, (given: unknown) => unknown>> = {
  release: readRelease,
  tiers: (given) => entriesOf(tierStatus, given),
  services: (given) => entriesOf(serviceStatus, given),
  conditions: (given) => entriesOf(condition, given),
  risk: (given) => fitting(riskStatus, given),
  execution: readExecution,
  trading: readTrading,
  halt: (given) => fitting(haltStatus, given),
};

function unchanged(given: unknown): unknown {
  return given;
}

/** A history without one of its entries still has what the others can be restored from. */
function readRelease(given: unknown): object {
  const history = entriesOf(releaseChange, fieldsOf(given)['history']).slice(0, RELEASES_MAX);
  return { ...fitting(releaseStatus, given), ...(history.length === 0 ? {} : { history }) };
}

/** An activation of a colour that is not known here cannot be continued, but its epoch may be in use. */
function readExecution(given: unknown): ExecutionStatus | undefined {
  const { active, epoch, transition, ...rest } = fitting(executionStatus, given);
  const started = executionStatus.shape.epoch.safeParse(fieldsOf(fieldsOf(given)['transition'])['epoch']).data;
  if (active === undefined && epoch === undefined && started === undefined) return undefined;
  return {
    active: active ?? 'Unknown',
    epoch: transition === undefined ? Math.max(epoch ?? 0, started ?? 0) : (epoch ?? 0),
    ...(transition === undefined ? {} : { transition }),
    ...rest,
  };
}

/** A state that is not known here is Unknown, and what is requested follows from the requests that are. */
function readTrading(given: unknown): TradingStatus | undefined {
  if (typeof given !== 'object') return undefined;
  const { state, requested, since, ignored } = fitting(tradingStatus, given);
  const sources = entriesOf(sourceStatus, fieldsOf(given)['sources']);
  return {
    state: state ?? 'Unknown',
    requested: requested ?? mostRestrictive(sources.map((source) => source.state)),
    since: since ?? new Date(0).toISOString(),
    sources,
    ...(ignored === undefined ? {} : { ignored }),
  };
}

/** Returns the fields of an object that fit, each on its own. */
function fitting<S extends Readonly<Record<string, z.ZodType>>>(
  { shape }: z.ZodObject<S>,
  given: unknown,
): Partial<z.output<z.ZodObject<S>>> {
  const fields = fieldsOf(given);
  const read: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(shape)) {
    const value = fields[key] === undefined ? undefined : field.safeParse(fields[key]).data;
    if (value !== undefined) read[key] = value;
  }
  return read as Partial<z.output<z.ZodObject<S>>>;
}

function entriesOf<T>(schema: z.ZodType<T>, given: unknown): T[] {
  return Array.isArray(given) ? given.flatMap((entry) => schema.safeParse(entry).data ?? []) : [];
}

function fieldsOf(given: unknown): Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null ? (given as Readonly<Record<string, unknown>>) : {};
}
