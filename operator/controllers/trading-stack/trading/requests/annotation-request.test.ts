import { describe, expect, it } from 'vitest';
import { stackObservation } from '../../../../../test/fixtures/stack-observation.ts';
import { TRADING_STATE_ANNOTATION, TRADING_STATE_REASON_ANNOTATION } from '../../../../api/v1alpha1/labels.ts';
import { requestsOf } from './requests.ts';

const NAME = `annotation ${TRADING_STATE_ANNOTATION}`;

function annotated(value: string, reason?: string) {
  const given = reason === undefined ? {} : { [TRADING_STATE_REASON_ANNOTATION]: reason };
  const annotations = { [TRADING_STATE_ANNOTATION]: value, ...given };
  return requestsOf({ ...stackObservation().stack, annotations }).find(({ source }) => source === 'annotation');
}

describe('the annotation', () => {
  it('requests a state whatever its case, for the reason beside it', () => {
    expect(annotated('flattening')).toMatchObject({ state: 'Flattening', reason: NAME });
    expect(annotated('Halted', 'flash crash')).toMatchObject({ state: 'Halted', reason: 'flash crash' });
  });

  it('halts with a value that is no trading state, and names the value and the states', () => {
    const problem =
      'the annotation is "flaten", which is no trading state, so it halts; use Active, Reducing, Flattening or Halted';
    expect(annotated('flaten')).toMatchObject({ state: 'Halted', reason: problem });
    expect(annotated('flaten', 'get out')).toMatchObject({ state: 'Halted', reason: `${problem} (get out)` });
  });

  it('gives a reason that a command may carry, however long its value is', () => {
    const { reason = '' } = annotated('x'.repeat(1_000), 'y'.repeat(1_000)) ?? {};
    expect(reason).toHaveLength(300);
    expect(reason).toContain('use Active, Reducing, Flattening or Halted (yyy');
  });

  it('gives a reason that ends in no half of a character, which the API server would replace', () => {
    const { reason = '' } = annotated('Halted', `${'x'.repeat(299)}😀`) ?? {};
    expect(reason.isWellFormed()).toBe(true);
  });
});
