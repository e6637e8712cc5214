import type { Generation } from '../model/generation.ts';
import { isOf, newestGood } from './generations.ts';
import type { HeldRun } from './held-run.ts';

/** The generation that a failing run would go back to; undefined where there is none, or it is what failed. */
export function rollbackTarget({ host, request, written }: HeldRun): Generation | undefined {
  const target = newestGood(host.files, request.site.root);
  return target === undefined || isOf(target, written) ? undefined : target;
}
