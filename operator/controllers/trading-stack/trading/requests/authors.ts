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

/** A person who sets a state that applies already must lift it too. The new revision takes the name to the database. */
export function withPersons(
  known: SourceStatus | undefined,
  managers: readonly FieldManager[],
): SourceStatus | undefined {
  if (known === undefined || known.state === 'Active') return known;
  const authors = authorsOf(known);
  const added = managers.filter(({ name }) => isPerson(name) && !authors.includes(name));
  if (added.length === 0) return known;
  const author = authorOf([...authors, ...added.map(({ name }) => name)]);
  return { ...known, author, revision: known.revision + 1 };
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
