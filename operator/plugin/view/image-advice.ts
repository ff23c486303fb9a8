import type { StackReport } from './stack-report.ts';
import type { Advice } from './remedy.ts';

/** Reasons of the kubelet for an image that it cannot pull. */
const NO_IMAGE: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
]);

/**
 * Returns what to do about an image that cannot be pulled. A release of the history is kept as objects, not as an
 * image: the registry may have deleted it since.
 */
export function imageAdvice(reason: string, { status, namespace, name }: StackReport): Advice | undefined {
  if (!NO_IMAGE.has(reason)) return undefined;
  const { desired = '', target = desired, history = [] } = status.release ?? {};
  const version = history.find(({ release }) => release === target)?.version ?? '';
  const release = `release ${target}${version === '' ? '' : ` (version ${version})`}`;
  const isDesired = target === desired;
  return {
    meaning: `The image of ${release} cannot be pulled: it is gone from the registry, or the node may not read it.`,
    remedy: isDesired
      ? 'Push the image, correct spec.release.image, or check the pull secret.'
      : `Push the image again, or choose another release: kubectl tradingstack rollback -n ${namespace} ${name} --to HASH. ` +
        `To roll out the spec: kubectl annotate tradingstack -n ${namespace} ${name} tradingstack.dev/rollback-to-`,
    runbook: 'docs/runbook.md, "A release was rolled back"',
  };
}
