import { KubeError, isKubeError } from './kube-error.ts';
import { apiVersionOf, type KubeObject, type Resource, type Stored } from './resource.ts';

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Objects per page; 0 requests the whole collection at once. Default: 500. */
  readonly pageSize?: number;
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
}

export interface ObjectList<T extends KubeObject> {
  readonly items: readonly Stored<T>[];
  /** Version of the whole collection, from which a watch starts. */
  readonly resourceVersion: string;
}

interface Page<T extends KubeObject> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items?: readonly Stored<T>[] | null;
}

type Query = Readonly<Record<string, string | undefined>>;

/**
 * Reads a collection page by page at one version. If the server compacts that version before the last page (410), the
 * remaining pages can no longer be read; the whole list is then re-read at once without paging, as client-go's pager
 * does.
 */
export async function listAll<T extends KubeObject>(
  resource: Resource<T>,
  options: ListOptions,
  fetchPage: (query: Query) => Promise<Page<T>>,
): Promise<ObjectList<T>> {
  const selectors = { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector };
  const limit = String(options.pageSize ?? 500);
  const items: Stored<T>[] = [];
  let next: string | undefined;
  let page: Page<T>;
  do {
    try {
      page = await fetchPage({ ...selectors, limit, continue: next });
    } catch (error) {
      if (next === undefined || !isKubeError(error, 'Gone')) throw error;
      items.length = 0;
      page = await fetchPage(selectors);
    }
    if (!isPage(page)) throw new KubeError('Protocol', 'the API server did not answer with a list');
    items.push(...(page.items ?? []));
    next = page.metadata.continue === '' ? undefined : page.metadata.continue;
  } while (next !== undefined);
  // Items of built-in kinds have no apiVersion and kind inside a list.
  const typeMeta = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  return { items: items.map((item) => ({ ...typeMeta, ...item })), resourceVersion: page.metadata.resourceVersion };
}

/** A proxy in front of the API server may answer with JSON of its own. */
function isPage(answer: unknown): boolean {
  const { metadata } = (answer ?? {}) as { readonly metadata?: { readonly resourceVersion?: unknown } };
  return typeof metadata?.resourceVersion === 'string';
}
