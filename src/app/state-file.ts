import type { Files } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import { parseJsonObject, type JsonObject } from '../model/json-object.ts';
import { folderOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { reasonAlone } from './damage.ts';

/** A JSON file of the state folder: where it is, and the word that tells its format. */
export interface StateFile {
  readonly path: HostPath;
  readonly format: string;
}

/** What such a file holds; undefined where there is none. Fails as `file-unusable` where it is damaged, or of another format. */
export function readStateFile(
  files: Pick<Files, 'read'>,
  { path, format }: StateFile,
): Result<JsonObject | undefined, Failure> {
  const text = files.read(path);
  if (text.kind === 'absent') return ok(undefined);
  const unusable = (why: string): Result<never, Failure> =>
    err<Failure>({ code: 'file-unusable', path, why, what: 'read' });
  if (text.kind === 'unreadable') return unusable(reasonAlone(path, text.why));
  const document = parseJsonObject(text.value);
  if (document === undefined) return unusable('it is damaged (not JSON)');
  const found = document['schema'];
  if (typeof found !== 'string') return unusable('it is damaged (it says no format)');
  return found === format
    ? ok(document)
    : unusable(`its format is ${found}, this bootstrap knows ${format}`);
}

/** What a state file is to hold, and who may read it. */
export interface StateToWrite extends StateFile {
  readonly body: object;
  readonly modeBits: number;
}

/** Writes such a file durably, its format word first, and makes its folder where that is missing. */
export function writeStateFile(
  files: Pick<Files, 'makeFolder' | 'replace'>,
  { path, format, body, modeBits }: StateToWrite,
): Result<void, Failure> {
  const folder = files.makeFolder(folderOf(path));
  if (!folder.ok) return folder;
  const text = `${JSON.stringify({ schema: format, ...body }, undefined, 2)}\n`;
  return files.replace(path, text, { modeBits });
}
