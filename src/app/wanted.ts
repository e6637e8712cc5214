import type { Host } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { Generation } from '../model/generation.ts';
import { err, ok, type Result } from '../model/result.ts';
import { isOf, loadGeneration, readGenerations } from './generations.ts';
import type { ReconcileRequest } from './held-run.ts';
import { loadWritten, type Written } from './load.ts';
import { loadForHere } from './trust.ts';

/** What a run is to bring about. */
export interface Wanted {
  readonly written: Written;
  /** Why it is not what the source says now, but what was said or applied last; undefined where nothing is wrong. */
  readonly unusable: Failure | undefined;
}

/** What is to be brought about: what the files say, a good generation of before, or, where the run asks for that, what was applied last. */
export async function loadWanted(
  host: Host,
  { site, back, keepLast, snapshot }: ReconcileRequest,
): Promise<Result<Wanted, Failure>> {
  if (back !== undefined) return await goodGeneration(host, { site, back });
  const because = keepLast?.because;
  // What the source said last still holds while it says nothing.
  const present =
    because !== undefined && snapshot === undefined
      ? err(because)
      : await loadForHere(host, site, snapshot?.git);
  if (present.ok) return ok({ written: present.value, unusable: because });
  return keepLast === undefined
    ? present
    : await lastApplied(host, { site, unusable: present.error });
}

type SiteOf = Pick<ReconcileRequest, 'site'>;

// Only what came through whole: an older one would take back what the newest has brought.
async function lastApplied(
  host: Host,
  { site, unusable }: SiteOf & { readonly unusable: Failure },
): Promise<Result<Wanted, Failure>> {
  const newest = readGenerations(host.files, site.root).at(-1);
  if (newest?.outcome !== 'good') return err(unusable);
  const last = await loadGeneration(host, site, newest);
  return last.ok ? ok({ written: last.value, unusable }) : err(unusable);
}

interface GoingBack extends SiteOf {
  readonly back: NonNullable<ReconcileRequest['back']>;
}

async function goodGeneration(
  host: Host,
  { site, back: { generation: number } }: GoingBack,
): Promise<Result<Wanted, Failure>> {
  const present = await loadWritten(host, site);
  const good = readGenerations(host.files, site.root).filter(({ outcome }) => outcome === 'good');
  const isWished = (each: Generation): boolean => present.ok && isOf(each, present.value);
  const target =
    number === undefined
      ? good.findLast((each) => !isWished(each))
      : good.find((each) => each.number === number);
  if (target === undefined) return err({ code: 'no-generation', number });
  const past = await loadGeneration(host, site, target);
  return past.ok ? ok({ written: past.value, unusable: undefined }) : past;
}
