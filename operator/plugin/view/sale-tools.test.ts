import { expect, it } from 'vitest';
import { sellsAgain } from './sale-tools.ts';

it.each([
  [[], undefined],
  [['kubectl-tradingstack', 'kubectl-patch'], undefined],
  [['argocd-controller', 'kubectl-tradingstack'], 'argocd-controller sets spec.flatten too: remove it'],
  [['argocd-controller', 'argocd-controller'], 'argocd-controller sets'],
  [['argocd-controller', 'helm'], 'argocd-controller, helm set spec.flatten too'],
])('of the owners %j names the tools', (owners, text) => {
  if (text === undefined) expect(sellsAgain(owners, 'spec.flatten')).toBeUndefined();
  else expect(sellsAgain(owners, 'spec.flatten')).toContain(text);
});
