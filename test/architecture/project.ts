import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSourceFile, type SourceFile } from './source-file.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The folders that contain code; everything else at the top level is configuration, charts or text. */
const CODE = ['operator', 'services', 'plugin', 'test'];
const IGNORED = new Set(['node_modules', 'dist', 'generated', 'coverage']);

/** Parses every TypeScript file of the project, except generated ones. */
export function readProject(root = ROOT): readonly SourceFile[] {
  return listFiles(root)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => parseSourceFile(path, readFileSync(join(root, path), 'utf8')));
}

/** Returns the sorted paths of all files in the folders that contain code. */
export function listFiles(root = ROOT): readonly string[] {
  return CODE.filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => below(root, folder))
    .sort();
}

function below(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return IGNORED.has(entry.name) ? [] : below(root, path);
    return entry.isFile() ? [path] : [];
  });
}
