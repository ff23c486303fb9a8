import type { ChangeStep, ForeseenChange, ObjectStep } from '../change/foresee-change.ts';
import { clean, wrap } from './layout.ts';
import type { Page } from './page.ts';
import { ACTIVATE_LINE, canaryText, gapText, swapLine, waitLines } from './plan-lines.ts';

type FieldChange = ForeseenChange['fields'][number];

/** What a change of a stack would do, for a person. */
export function changeText(change: ForeseenChange, page: Page): string {
  const { name, namespace, result, fields, steps, waitingFor, notKnown } = change;
  const { style } = page;
  if (result === 'Unchanged') return `No change: ${name} in namespace ${namespace} is as the file has it.`;
  const head = result === 'New' ? 'would be created' : 'would change';
  const stepLines = steps.flatMap((step, index) => [
    ...(index === 0 ? [] : ['']),
    ...lineOf(step, index, page),
    ...waitLines([...(index === 0 ? waitingFor : []), ...(step.action === 'Swap' ? step.waitingFor : [])], page),
  ]);
  return [
    `${style.bold(clean(name))} in namespace ${namespace} ${head}. Nothing has been written.`,
    ...(result === 'New' ? [] : ['', style.bold('RESOURCE'), ...fieldLines(fields, 2, page)]),
    ...atOnceLines(fields, page),
    '',
    style.bold('STEPS'),
    ...(stepLines.length === 0 ? [noStepsLine(change)] : stepLines),
    ...(notKnown.length === 0 ? [] : ['', style.bold('NOT KNOWN')]),
    ...notKnown.map((text) => `  ${wrap(text, page.columns, { indent: 4, first: 2 })}`),
  ].join('\n');
}

function noStepsLine({ notKnown }: ForeseenChange): string {
  return notKnown.length === 0 ? '  none: no object of the stack changes' : '  unknown';
}

/** The trading state is not part of a release: no step comes before it. */
const AT_ONCE: ReadonlySet<string> = new Set(['spec.halt', 'spec.flatten', 'spec.tradingState']);

function atOnceLines(fields: readonly FieldChange[], { style }: Page): readonly string[] {
  const changed = fields.filter(({ path }) => AT_ONCE.has(path)).map(({ path }) => path);
  return changed.length === 0
    ? []
    : ['', style.warn(`At once, whatever the steps below wait for: ${changed.join(', ')}.`)];
}

function lineOf(step: ChangeStep, index: number, page: Page): readonly string[] {
  const number = `${String(index + 1).padStart(3)}. `;
  if (step.action === 'Swap') {
    const line = page.style.bold(swapLine(step.from ?? undefined, step.to));
    return [`${number}${line}; ${gapText(step.predictedGapMs ?? undefined)}${canaryText(step.canary)}`];
  }
  if (step.action === 'Activate') return [`${number}${page.style.bold(ACTIVATE_LINE)}`];
  return [
    `${number}${page.style.bold(`tier ${step.tier}`)}`,
    ...step.objects.flatMap((object) => objectLines(object, page)),
  ];
}

/** Fields of one object that are listed; `-o json` has all. */
const FIELDS_MAX = 20;

function objectLines({ action, object, fields }: ObjectStep, page: Page): readonly string[] {
  const more = fields.length - FIELDS_MAX;
  return [
    `       ${action.toLowerCase().padEnd(7)} ${object}`,
    ...fieldLines(fields.slice(0, FIELDS_MAX), 17, page),
    ...(more > 0 ? [`                 and ${more} more fields; see -o yaml`] : []),
  ];
}

function fieldLines(fields: readonly FieldChange[], indent: number, { columns, style }: Page): readonly string[] {
  return fields.map(({ path, before, after }) => {
    const text = `${path}: ${valueText(before)} -> ${valueText(after)}`;
    return `${' '.repeat(indent)}${style.dim(wrap(text, columns, { indent: indent + 2, first: indent }))}`;
  });
}

function valueText(value: unknown): string {
  return value === undefined ? '(none)' : JSON.stringify(value);
}
