import type { SourceStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import type { FieldManager } from '../../observe/field-managers.ts';

/**
 * Field managers of commands that a person types. `kubectl` itself is not one of them: it is the default manager of
 * `kubectl apply --server-side`, which writes whatever a file holds.
 */
const BY_HAND: ReadonlySet<string> = new Set([
  'kubectl-patch',
  'kubectl-edit',
  'kubectl-annotate',
  'kubectl-tradingstack',
]);

export function isPerson(manager: string): boolean {
  return BY_HAND.has(manager);
}

/** Returns the author with the persons who set the state too: a person must lift it then. */
export function authorWith(known: SourceStatus, managers: readonly FieldManager[]): string {
  const authors = authorsOf(known);
  const added = managers.map(({ name }) => name).filter((name) => isPerson(name) && !authors.includes(name));
  return added.length === 0 ? known.author : authorOf([...authors, ...added]);
}

const SEPARATOR = ', ';
const AUTHOR_MAX = 200;

/** Joins the names of authors, persons first, as far as there is room for whole names. */
export function authorOf(names: readonly string[]): string {
  const persons = names.filter((name) => isPerson(name));
  const tools = names.filter((name) => !isPerson(name));
  return [...new Set([...persons, ...tools])].reduce((joined, name) => {
    const longer = joined === '' ? name : `${joined}${SEPARATOR}${name}`;
    return longer.length > AUTHOR_MAX ? joined : longer;
  }, '');
}

/** Returns the names of the authors of a request. */
export function authorsOf({ author }: SourceStatus): readonly string[] {
  return author === '' ? [] : author.split(SEPARATOR);
}
