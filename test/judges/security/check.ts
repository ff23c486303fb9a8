import { workloadsOf, type Rendered, type Workload } from './rendered.ts';

/** One rule for rendered objects. */
export interface Check {
  readonly id: string;
  /** Lists that have it: PSS (Pod Security restricted), NSA, CIS, kube-linter, kube-score, Polaris. */
  readonly lists: string;
  /** Returns the names of the objects that break it. */
  readonly offenders: (objects: readonly Rendered[]) => readonly string[];
}

/** A rule for every pod. */
export function podCheck(id: string, lists: string, breaks: (workload: Workload) => boolean): Check {
  const offenders = (objects: readonly Rendered[]): readonly string[] =>
    workloadsOf(objects)
      .filter(breaks)
      .map(({ kind, name }) => `${kind} ${name}`);
  return { id, lists, offenders };
}

/** A rule for every container, init containers included. */
export function containerCheck(
  id: string,
  lists: string,
  breaks: (container: Workload['containers'][number], workload: Workload) => boolean,
): Check {
  return podCheck(id, lists, (workload) => workload.containers.some((container) => breaks(container, workload)));
}

/** A rule for every object of some kinds. */
export function objectCheck(
  id: string,
  lists: string,
  kinds: readonly string[],
  breaks: (object: Rendered, all: readonly Rendered[]) => boolean,
): Check {
  const isOf = ({ kind = '' }: Rendered): boolean => kinds.length === 0 || kinds.includes(kind);
  const offenders = (objects: readonly Rendered[]): readonly string[] =>
    objects
      .filter((object) => isOf(object) && breaks(object, objects))
      .map(({ kind = '', metadata }) => `${kind} ${metadata?.name ?? ''}`);
  return { id, lists, offenders };
}
