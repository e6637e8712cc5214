import type { Files } from '../host/host.ts';
import { known, unreadable, valueOf, type Fact } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import { folderOf } from '../model/layout.ts';
import { ok, type Result } from '../model/result.ts';
import type { StatusDocument } from '../model/status.ts';

const STATUS_SCHEMA = 'bootstrap.status/1';
const STATUS_FILE_BITS = 0o644;

/** The status as last recorded; a damaged file, or one of a newer format, is unreadable. */
export function readStatusFile(files: Pick<Files, 'read'>, path: HostPath): Fact<StatusDocument> {
  const text = files.read(path);
  if (text.kind !== 'known') return text;
  let document: unknown;
  try {
    document = JSON.parse(text.value);
  } catch {
    return unreadable(
      `${path} is damaged (not JSON); remove it, and the next apply writes it again`,
    );
  }
  return isStatus(document)
    ? known(document)
    : unreadable(`${path} is not of the format ${STATUS_SCHEMA}`);
}

function isStatus(document: unknown): document is StatusDocument {
  if (typeof document !== 'object' || document === null) return false;
  return (
    'schema' in document &&
    document.schema === STATUS_SCHEMA &&
    'conditions' in document &&
    Array.isArray(document.conditions)
  );
}

/** Why the status may not be written: the file has the format of a newer bootstrap. One that is damaged may be: it is only the last look. */
export function refuseNewerStatus(files: Pick<Files, 'read'>, path: HostPath): Failure | undefined {
  const text = files.read(path);
  const [, schema = STATUS_SCHEMA] =
    text.kind === 'known' ? (/"schema": ?"([^"]*)"/.exec(text.value) ?? []) : [];
  if (schema === STATUS_SCHEMA) return undefined;
  const why = `it has the format ${schema}, this bootstrap knows ${STATUS_SCHEMA}`;
  return { code: 'file-unusable', path, why, what: 'write' };
}

/** Records the status, durably; the same one is neither written nor synced again. */
export function writeStatusFile(
  files: Files,
  path: HostPath,
  status: StatusDocument,
): Result<void, Failure> {
  const text = `${JSON.stringify(status, undefined, 2)}\n`;
  if (valueOf(files.read(path)) === text) return ok(undefined);
  const folder = files.makeFolder(folderOf(path));
  return folder.ok ? files.replace(path, text, { modeBits: STATUS_FILE_BITS }) : folder;
}
