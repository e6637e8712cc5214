import type { Failure } from '../../model/failure.ts';
import type { FailureNote } from '../../model/journal.ts';
import { failureWords } from './failure-text.ts';

/** A failure as journals and callbacks keep it: in words, with the products it is about. */
export function failureNote(failure: Failure): FailureNote {
  const { summary, detail } = failureWords(failure);
  return { code: failure.code, products: productsOf(failure), summary, detail };
}

function productsOf(failure: Failure): readonly string[] {
  if ('product' in failure) return [failure.product];
  if (failure.code === 'unhealthy') return failure.products.map(({ product }) => product);
  return failure.code === 'rolled-back' ? failure.products : [];
}
