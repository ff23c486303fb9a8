import { describe, expect, it } from 'vitest';
import { ARGO, managerAt, PERSON, recordOf, shows } from '../../../../../test/fixtures/trading-requests.ts';
import { NOW_MS } from '../../../../../test/fixtures/stack-observation.ts';
import type { FieldManager } from '../../observe/field-managers.ts';
import { recordRequest } from './record-request.ts';

const CRASH = 'flash crash (by ada)';
const showsCrash = (...managers: (string | FieldManager)[]) => ({ ...shows('Halted', ...managers), reason: CRASH });

describe('the reason of a request that is on record', () => {
  it('is that of the person who requests the same as well', () => {
    const { record } = recordRequest(recordOf('Halted', ARGO), showsCrash(ARGO, PERSON), NOW_MS);
    expect(record).toEqual({ ...recordOf('Halted', `${PERSON}, ${ARGO}`, 5), reason: CRASH });
    expect(recordRequest(record, showsCrash(ARGO, PERSON), NOW_MS).record).toBe(record);
  });

  it.each([
    ['a person gives another one', PERSON],
    ['another person gives one', 'kubectl-edit'],
  ])('follows the resource when %s', (_when, manager) => {
    const { record } = recordRequest(recordOf('Halted', PERSON), showsCrash(manager), NOW_MS);
    expect(record).toMatchObject({ state: 'Halted', reason: CRASH, revision: 5 });
  });

  it('of a tool follows the resource when that tool gives another one', () => {
    const { record } = recordRequest(recordOf('Halted', ARGO), showsCrash(ARGO), NOW_MS);
    expect(record).toEqual({ ...recordOf('Halted', ARGO, 5), reason: CRASH });
  });

  it.each<[string, FieldManager]>([
    ['a tool shows another one', managerAt(ARGO)],
    ['a write of before the request shows another one', managerAt(PERSON, '2025-12-30T00:00:00Z')],
  ])('of a person stays when %s', (_when, manager) => {
    const known = recordOf('Halted', PERSON);
    expect(recordRequest(known, showsCrash(manager), NOW_MS).record).toBe(known);
  });

  it('stays once the request is lifted', () => {
    const lifted = recordOf('Active', PERSON);
    expect(recordRequest(lifted, { ...shows('Active', PERSON), reason: 'over' }, NOW_MS).record).toBe(lifted);
  });
});
