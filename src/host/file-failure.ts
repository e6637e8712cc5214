import type { Failure } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import { err, type Result } from '../model/result.ts';
import { errorCode, errorWords } from './system-error.ts';

/** What `write` gives; an error of the system becomes the failure that names the path and why. */
export function attempt<T>(path: HostPath, write: () => Result<T, Failure>): Result<T, Failure> {
  try {
    return write();
  } catch (thrown) {
    return failureOf(path, thrown);
  }
}

/** As `attempt`, of what takes a while. */
export async function attemptLater<T>(
  path: HostPath,
  write: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  try {
    return await write();
  } catch (thrown) {
    return failureOf(path, thrown);
  }
}

function failureOf(path: HostPath, thrown: unknown): Result<never, Failure> {
  const code = errorCode(thrown);
  const why = errorWords(thrown);
  return code === 'EACCES' || code === 'EPERM'
    ? err({ code: 'permission', path, why })
    : notWritable(path, why);
}

/** The failure of a path that cannot be written, and why. */
export function notWritable(path: HostPath, why: string): Result<never, Failure> {
  return err({ code: 'file-unusable', path, why, what: 'write' });
}
