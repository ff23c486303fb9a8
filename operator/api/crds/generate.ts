import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { platformSecretNames, servicePorts } from '../../../services/shared/contracts/catalogue.ts';
import { platformServicesFile } from './platform-chart-files.ts';
import { withTables } from '../../explain/runbook.ts';
import { tradingStackCrd } from './trading-stack-crd.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const RUNBOOK = 'docs/runbook.md';
const HEADER = '# Generated from operator/api by `npm run generate`. Do not edit.\n';

/** Writes every generated file. With `--check`, writes nothing and returns 1 if any file differs from its source. */
function generate(check: boolean): number {
  const stale = generatedFiles().filter(({ file, text }) => {
    const target = path.join(ROOT, file);
    if (read(target) === text) return false;
    if (!check) {
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    return true;
  });
  for (const { file } of stale) {
    process.stdout.write(check ? `${file} is out of date, run: npm run generate\n` : `wrote ${file}\n`);
  }
  return check && stale.length > 0 ? 1 : 0;
}

interface GeneratedFile {
  readonly file: string;
  readonly text: string;
}

function generatedFiles(): readonly GeneratedFile[] {
  const crd = tradingStackCrd();
  const { metadata } = crd;
  // Without this annotation, uninstalling the chart would delete the CRD and with it every stack.
  const crdOfChart = {
    ...crd,
    metadata: { ...(metadata as object), annotations: { 'helm.sh/resource-policy': 'keep' } },
  };
  return [
    { file: 'crds/tradingstacks.tradingstack.dev.yaml', text: yaml(crd) },
    // A chart cannot read files outside its folder, and a template would evaluate braces, so the chart ships raw files.
    { file: 'charts/operator/files/tradingstacks.tradingstack.dev.yaml', text: yaml(crdOfChart) },
    { file: 'charts/operator/files/platform-secrets.yaml', text: yaml(platformSecretNames()) },
    { file: 'charts/operator/files/service-ports.yaml', text: yaml(servicePorts()) },
    { file: 'charts/platform/files/services.json', text: platformServicesFile() },
    { file: RUNBOOK, text: withTables(readFileSync(path.join(ROOT, RUNBOOK), 'utf8')) },
  ];
}

function yaml(value: unknown): string {
  return HEADER + stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

process.exitCode = generate(process.argv.includes('--check'));
