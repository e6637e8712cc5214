import type { Files } from '../host/host.ts';
import type { Ailment } from '../model/ailment.ts';
import { unreadable } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { GENERATION_FORMAT } from '../model/generation.ts';
import type { HostPath } from '../model/ids.ts';
import { generationPath, layoutOf } from '../model/layout.ts';
import type { Result } from '../model/result.ts';
import { RETRY_FORMAT } from '../model/retry.ts';
import { SUSPENSION_FORMAT } from '../model/suspension.ts';
import { TRIAL_FORMAT } from '../model/trial.ts';
import { damaged, isOfAnotherFormat } from './damage.ts';
import { generationNumbers } from './generations.ts';
import { readQuarantine } from './quarantine.ts';
import { readRestarts } from './restarts.ts';
import { readStateFile } from './state-file.ts';
import { readTrust } from './trust-record.ts';

/** What is wrong with the records that are a JSON file each: of most, one that is damaged lets no apply begin. */
export function recordAilments(
  files: Pick<Files, 'list' | 'read'>,
  root: string,
): readonly Ailment[] {
  return [...stateRecords(files, root), ...generationRecords(files, root)].flatMap(
    ({ path, read, after }) => {
      if (read.ok || read.error.code !== 'file-unusable') return [];
      const { why } = read.error;
      return damaged(path, unreadable(why), { isWhole: isOfAnotherFormat(why), after });
    },
  );
}

interface Kept {
  readonly path: HostPath;
  readonly read: Result<unknown, Failure>;
  /** What follows where it is set aside. */
  readonly after: string;
}

function stateRecords(files: Pick<Files, 'read'>, root: string): readonly Kept[] {
  const { quarantine, restarts, retry, suspension, trial, ...layout } = layoutOf(root);
  const read = (path: HostPath, format: string): Result<unknown, Failure> =>
    readStateFile(files, { path, format });
  return [
    {
      path: layout.trust,
      read: readTrust(files, root),
      after: 'until bootstrap trust reset --to COMMIT names one, any commit is taken from git',
    },
    {
      path: restarts,
      read: readRestarts(files, root),
      after: 'what is dead is restarted without a pause once',
    },
    {
      path: quarantine,
      read: readQuarantine(files, root),
      after: 'what failed and was taken back is tried again as it stands',
    },
    {
      path: suspension,
      read: read(suspension, SUSPENSION_FORMAT),
      after: 'nothing is suspended then; bootstrap suspend does so again',
    },
    {
      path: retry,
      read: read(retry, RETRY_FORMAT),
      after: 'watch tries again at once what failed',
    },
    ...[trial, layout.trialConfirmed, layout.trialReturning].map((path) => ({
      path,
      read: read(path, TRIAL_FORMAT),
      after: 'what is on trial stays, and is no good generation',
    })),
  ];
}

function generationRecords(files: Pick<Files, 'list' | 'read'>, root: string): readonly Kept[] {
  return generationNumbers(files, root).map((number) => {
    const path = generationPath(root, number);
    const read = readStateFile(files, { path, format: GENERATION_FORMAT });
    return { path, read, after: 'this generation cannot be gone back to' };
  });
}
