import { posix } from 'node:path';
import type { Violation } from './violation.ts';

/** A Markdown file; its path is relative to the root of the project. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

export interface Surroundings {
  readonly exists: (path: string) => boolean;
  /** Names in the scripts of package.json. */
  readonly scripts: ReadonlySet<string>;
  /** Paths of the project's files. */
  readonly files: readonly string[];
}

/** Returns links, npm scripts and paths of source files that do not exist. */
export function documentViolations(
  documents: readonly Document[],
  { exists, scripts, files }: Surroundings,
): readonly Violation[] {
  const headings = new Map(documents.map(({ path, text }) => [path, anchorsOf(text)]));
  return documents.flatMap(({ path, text }) => [
    ...linksOf(text).flatMap((link) => {
      const [target = '', anchor] = link.split('#');
      const file = target === '' ? path : posix.join(posix.dirname(path), target);
      if (!exists(file)) return [{ path, rule: 'link', message: `${link} does not exist` }];
      const known = headings.get(file);
      if (anchor === undefined || known === undefined || known.has(anchor)) return [];
      return [{ path, rule: 'link', message: `${link}: ${file} has no such heading` }];
    }),
    ...[...text.matchAll(/npm run ([a-z0-9:-]*[a-z0-9])/g)]
      .map(([, script = '']) => script)
      .filter((script) => !scripts.has(script))
      .map((script) => ({ path, rule: 'script', message: `npm run ${script} does not exist` })),
    ...[...text.matchAll(SOURCE_PATH)]
      .map(([, source = '']) => source)
      .filter((source) => !files.some((file) => `/${file}`.endsWith(`/${source}`)))
      .map((source) => ({ path, rule: 'path', message: `${source} does not exist` })),
  ]);
}

/** A path with at least one folder, in backticks. It may begin at any folder that makes it clear. */
const SOURCE_PATH = /`((?:[\w.-]+\/)+[\w.-]+\.ts)`/g;

/** Returns the relative targets of `[text](target)`. */
function linksOf(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Returns the anchors that GitHub creates: lower case, spaces become dashes, other punctuation is dropped. */
function anchorsOf(text: string): ReadonlySet<string> {
  const titles = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => title);
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
