import type { Generation } from '../model/generation.ts';
import { isOf, newestGood, newestGoodHead } from './generations.ts';
import type { HeldRun } from './held-run.ts';

/** The generation that a failing run would go back to; undefined where there is none, or it is what failed. */
export function rollbackTarget({ host, request, written }: HeldRun): Generation | undefined {
  const target = newestGood(host.files, request.site.root);
  return target === undefined || isOf(target, written) ? undefined : target;
}

/** Whether there is such a generation; what is in it is not parsed. */
export function hasRollbackTarget({ host, request, written }: HeldRun): boolean {
  const target = newestGoodHead(host.files, request.site.root);
  return target !== undefined && !isOf(target, written);
}
