import { parseSync } from 'oxc-parser';

export interface Import {
  readonly specifier: string;
  /** Whether the import is erased when the types are stripped. */
  readonly typeOnly: boolean;
}

/** The parts of one TypeScript file that the rules check. Paths are relative to the root of the project, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Dotted names in the code, without comments and strings: `process.env`, `it.skip`. */
  readonly members: ReadonlySet<string>;
  /** Names of the called functions, and also the first part of dotted ones: `expect`, `fc`, `fc.assert`. */
  readonly calls: ReadonlySet<string>;
  /** Statements and expressions that choose: if, switch, conditional and logical ones. */
  readonly branches: number;
}

/** Parses one file. Throws if it is not valid TypeScript. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const found: Found = { imports: [], members: new Set(), calls: new Set(), branches: 0 };
  visit(program, found);
  return { path, lines: lineCount(text), ...found };
}

export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

interface Found {
  readonly imports: Import[];
  readonly members: Set<string>;
  readonly calls: Set<string>;
  branches: number;
}

const BRANCHES = new Set(['IfStatement', 'SwitchStatement', 'ConditionalExpression', 'LogicalExpression']);

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

function visit(value: unknown, found: Found): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, found);
    return;
  }
  if (!isNode(value)) return;
  collect(value, found);
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null) visit(child, found);
  }
}

function collect(node: Node, found: Found): void {
  if (BRANCHES.has(node.type)) found.branches += 1;
  const specifier = textOf(node['source']);
  if (specifier !== undefined) found.imports.push({ specifier, typeOnly: isTypeOnly(node) });
  if (node.type === 'MemberExpression') {
    const name = dotted(node);
    if (name !== undefined) found.members.add(name);
  }
  if (node.type === 'CallExpression') {
    const name = dotted(node['callee']);
    if (name === undefined) return;
    found.calls.add(name);
    found.calls.add(name.split('.')[0] ?? name);
  }
}

function isTypeOnly(node: Node): boolean {
  if (node.type === 'TSImportType') return true;
  if (node.type === 'ImportExpression') return false;
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  const specifiers = node['specifiers'];
  if (!Array.isArray(specifiers) || specifiers.length === 0) return false;
  return specifiers.every((one) => isNode(one) && (one['importKind'] === 'type' || one['exportKind'] === 'type'));
}

/**
 * Returns `a.b.c` of a chain of plain names. A call in it counts as its function: `expect(x).toBe` is `expect.toBe`.
 */
function dotted(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return String(node['name']);
  if (node.type === 'CallExpression') return dotted(node['callee']);
  if (node.type !== 'MemberExpression') return undefined;
  const object = dotted(node['object']);
  const property = node['computed'] === true ? textOf(node['property']) : dotted(node['property']);
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}

function textOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
