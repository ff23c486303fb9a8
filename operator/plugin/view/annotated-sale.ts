import type { TradingState } from '../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../api/v1alpha1/trading-stack/status.ts';

/**
 * What the annotation has of a sale. `Replaced`: to withdraw it could lift something else. `OverHalt`: it is withdrawn
 * by the halt on record, because Active could lift that.
 */
type AnnotatedSale = 'None' | 'Requested' | 'Replaced' | 'OverHalt';

/**
 * Whether the annotation requests a sale, by what it shows and what is on record. Somebody may have replaced the sale
 * on record by a halt, or a halt by a sale, that the operator has not taken up yet, or does not obey. Pure.
 */
export function annotatedSale(shown: TradingState, recorded: SourceStatus['state'] = 'Active'): AnnotatedSale {
  if (shown === 'Flattening') return recorded === 'Halted' ? 'OverHalt' : 'Requested';
  if (recorded !== 'Flattening') return 'None';
  return shown === 'Active' ? 'Requested' : 'Replaced';
}
