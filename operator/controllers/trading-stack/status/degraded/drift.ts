import type { Problem } from '../../../../../services/shared/domain/problem.ts';
import { conditionLine, statusText } from '../../../../api/v1alpha1/status-text.ts';
import type { ContestedObject } from '../../observe/observation.ts';
import { event, type StackEvent } from '../events/stack-event.ts';

/** A field of a child that another writer changed. */
export type ChangedField = ContestedObject;

/** Returns what makes a stack Degraded while other writers change its objects repeatedly; undefined if none does. */
export function contestedProblem(contested: readonly ContestedObject[]): Problem | undefined {
  if (contested.length === 0) return undefined;
  const lines = contested.map((object) => `${fieldOf(object)} is changed repeatedly by ${writersOf(object)}`);
  return { reason: 'FieldConflict', message: conditionLine(lines.toSorted().join('; ')) };
}

/** Event of a repair. The first one after which an object is contested is a warning. */
export function driftEvent(object: ChangedField, becameContested: boolean): StackEvent {
  const what = `${fieldOf(object)} was changed by ${writersOf(object)}`;
  if (!becameContested) return event('Normal', 'DriftRepaired', 'Apply', statusText(`${what}, and is restored`));
  const rest = 'for the third time in a minute; it is restored at longer intervals until they agree';
  return event('Warning', 'FieldConflict', 'Apply', statusText(`${what} ${rest}`));
}

function fieldOf({ kind, name, path }: ChangedField): string {
  return `${kind} ${name} ${path.join('.')}`;
}

function writersOf({ managers }: ChangedField): string {
  return managers.length === 0 ? 'a writer that left no name' : managers.join(', ');
}
