import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackSpec } from '../../api/v1alpha1/trading-stack/spec.ts';
import {
  COLOURS,
  type Colour,
  type PlanStep,
  type PlanWait,
  type TradingStackStatus,
} from '../../api/v1alpha1/trading-stack/status.ts';
import { parseSpec } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { NO_SENDER, otherColour, sendingColour } from '../../controllers/trading-stack/rollout/colours.ts';
import { compareReleases, type TierDifference } from '../../releases/compare-releases.ts';
import { fieldChanges, type FieldChange } from '../../releases/field-changes.ts';
import { renderRelease, type Release } from '../../releases/render-release.ts';
import type { Surroundings } from '../../resources/stack-context.ts';
import { PluginError } from '../call/plugin-error.ts';
import type { StoredStack } from '../cluster/read-stack.ts';
import { VERSION } from '../version.ts';
import { changeWaits } from './change-waits.ts';
import { LAST_APPLIED, type DryRun } from './dry-run.ts';

/** What a change of a stack would do. */
export interface ForeseenChange {
  readonly name: string;
  readonly namespace: string;
  readonly result: 'New' | 'Changed' | 'Unchanged';
  /** Fields of the stack itself. */
  readonly fields: readonly FieldChange[];
  /** In order; one starts when those before it have ended. */
  readonly steps: readonly ChangeStep[];
  /** What the first step waits for. */
  readonly waitingFor: readonly PlanWait[];
  /** What this plan cannot know, and why. */
  readonly notKnown: readonly string[];
}

export type ChangeStep =
  | { readonly action: 'Tier'; readonly tier: string; readonly objects: readonly ObjectStep[] }
  /** Another release of risk decides, once a pod of it has passed its checks. */
  | { readonly action: 'Activate'; readonly tier: string }
  | {
      readonly action: 'Swap';
      readonly from: Colour | null;
      readonly to: Colour;
      /** Null if no swap was measured. */
      readonly predictedGapMs: number | null;
      /** With what the new sender begins; absent without a canary. */
      readonly canary?: NonNullable<PlanStep['canary']>;
      readonly waitingFor: readonly PlanWait[];
    };

export interface ObjectStep {
  readonly action: 'Create' | 'Change' | 'Remove';
  /** `Kind/name`. */
  readonly object: string;
  readonly fields: readonly FieldChange[];
}

export interface ForeseeOptions {
  readonly nowMs: number;
  /** Names of the other stacks of the namespace; undefined if they may not be listed. */
  readonly others: readonly string[] | undefined;
}

/** Of these, only the operator knows the real ones. They are the same on both sides, so no difference shows them. */
const SURROUNDINGS: Surroundings = {
  operatorNamespace: 'operator',
  resolver: { namespace: 'resolver', podLabels: {}, cidrs: [], port: 53 },
};

/** Compares what the operator would render of the stack as it is, and as it would be. Pure. */
export function foreseeChange({ present, next }: DryRun, options: ForeseeOptions): ForeseenChange {
  const status = readStatus(present?.status);
  const fields = fieldChanges(shownOf(present), shownOf(next));
  const spec = specOf(next);
  const before = present === undefined ? NO_RELEASE : releaseOf(present);
  const tiers = before === undefined || fields.length === 0 ? [] : compareReleases(before, render(next, spec));
  return {
    name: next.metadata.name,
    namespace: next.metadata.namespace ?? '',
    result: resultOf(present, fields),
    fields,
    steps: stepsOf(tiers, { spec, status, present }),
    waitingFor: tiers.length === 0 ? [] : changeWaits(spec, { present, next, status, ...options }),
    notKnown: [
      ...(before === undefined ? [NO_COMPARISON] : []),
      ...(tiers.length === 0 ? [] : notKnownOf(present, status)),
    ],
  };
}

const NO_RELEASE: Release = { hash: '', version: '', tiers: [] };
const NO_COMPARISON =
  'what changes in the cluster: the present spec is not valid, so that there is nothing to compare with';

function resultOf(present: StoredStack | undefined, fields: readonly FieldChange[]): ForeseenChange['result'] {
  if (present === undefined) return 'New';
  return fields.length === 0 ? 'Unchanged' : 'Changed';
}

/** What a person writes of a stack. */
function shownOf(stack: StoredStack | undefined): object {
  if (stack === undefined) return {};
  const { labels = {}, annotations = {} } = stack.metadata;
  const { [LAST_APPLIED]: _own, ...others } = annotations;
  return { metadata: { labels, annotations: others }, spec: stack.spec };
}

function specOf({ spec, metadata }: StoredStack): TradingStackSpec {
  const parsed = parseSpec(spec);
  if ('spec' in parsed) return parsed.spec;
  throw new PluginError(
    'Usage',
    `the operator refuses ${metadata.name}, though the API server takes it: ${parsed.problem}`,
  );
}

function releaseOf(stack: StoredStack): Release | undefined {
  const parsed = parseSpec(stack.spec);
  return 'spec' in parsed ? render(stack, parsed.spec) : undefined;
}

/** Without the versions of the Secrets, which the plugin does not read. */
function render({ metadata }: StoredStack, spec: TradingStackSpec): Release {
  const { name, namespace = '', uid } = metadata;
  return renderRelease({ name, namespace, uid, spec, ...SURROUNDINGS }, new Map());
}

interface Known {
  readonly spec: TradingStackSpec;
  readonly status: TradingStackStatus;
  readonly present: StoredStack | undefined;
}

function stepsOf(tiers: readonly TierDifference[], known: Known): readonly ChangeStep[] {
  const { execution = NO_SENDER } = known.status;
  return tiers.flatMap(({ tier, objects, replacesSender, changesDecider }): readonly ChangeStep[] => {
    const to = replacesSender ? otherColour(sendingColour(execution)) : sendingColour(execution);
    const changes = objects
      .filter(({ isSender, action }) => !isSender || action !== 'Remove')
      .map(({ action, kind, name, fields, isSender }): ObjectStep => {
        if (!isSender) return { action, object: `${kind}/${nameOf(kind, name, known)}`, fields };
        const isThere = execution[to] !== undefined;
        return { action: isThere ? 'Change' : 'Create', object: `${kind}/${name}-${to}`, fields };
      });
    return [
      { action: 'Tier', tier, objects: changes },
      ...(changesDecider ? [{ action: 'Activate', tier } as const] : []),
      ...(replacesSender ? [swapTo(to, known)] : []),
    ];
  });
}

/** The UID of a new stack is part of its settings, and their hash is part of the name. */
function nameOf(kind: string, name: string, { present }: Known): string {
  return present === undefined && kind === 'ConfigMap' ? name.replace(/[0-9a-f]{16}$/, '<hash>') : name;
}

function swapTo(to: Colour, { spec, status: { execution } }: Known): ChangeStep {
  const { approval, positionPolicy } = spec.execution.swap;
  const { enabled, maxNotional, durationSeconds } = spec.execution.canary;
  return {
    action: 'Swap',
    from: COLOURS.find((colour) => colour === execution?.active) ?? null,
    to,
    predictedGapMs: execution?.lastSwap?.gapMs ?? null,
    ...(enabled ? { canary: { maxNotional, durationSeconds } } : {}),
    waitingFor: [
      ...(approval === 'Manual' ? [{ what: 'Approval', message: 'kubectl tradingstack promote' } as const] : []),
      ...(positionPolicy === 'Flat' ? [{ what: 'Positions', message: 'the sale of every position' } as const] : []),
    ],
  };
}

function notKnownOf(present: StoredStack | undefined, { release }: TradingStackStatus): readonly string[] {
  const { desired, target = desired } = release ?? {};
  return [
    'the hashes of services and of the release, <hash> in names: they cover the content of Secrets, which this program does not read',
    'whether the Secrets that the services need exist, and whether one changed since the last rollout',
    `what an operator of another version than this program, ${VERSION}, renders in another way`,
    ...(present === undefined ? ['names of settings, which have the UID of the stack'] : []),
    ...(target === desired
      ? []
      : [
          `what differs from what runs: release ${target ?? ''} runs instead of that of the present spec, which is compared here`,
        ]),
  ];
}
