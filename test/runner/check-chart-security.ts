import { parseAllDocuments } from 'yaml';
import type { Rendered } from '../judges/security/rendered.ts';
import { securityProblems } from '../judges/security/security-checks.ts';

/** Broken rules that stay, each with its reason. docs/security.md has the reasoning for a reader. */
const ACCEPTED: Readonly<Record<string, string>> = {
  'no-service-account-token: Deployment tradingstack-operator': 'the operator talks to the API server',
};

/** Returns the broken rules of security in the output of `helm template`, without those that are accepted. */
export function chartSecurityProblems(output: string): readonly string[] {
  const objects = parseAllDocuments(output)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
  return securityProblems(objects).filter((problem) => !(problem in ACCEPTED));
}
