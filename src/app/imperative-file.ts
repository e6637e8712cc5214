import { unreadableFacts } from '../core/render/export-nodes.ts';
import { oldErrorOf } from '../core/old-error.ts';
import { editYaml, type EditProblem } from '../format/yaml-edit.ts';
import type { ScalarValue } from '../format/yaml-scalar.ts';
import type { Host } from '../host/host.ts';
import { known } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { showPath } from '../model/document.ts';
import { folderOf } from '../model/layout.ts';
import type { OldError } from '../model/old-error.ts';
import { err, ok, type Result } from '../model/result.ts';
import { loadWritten, type Written } from './load.ts';
import { migrateState } from './migrate.ts';
import type { NamedFile, Site } from './site.ts';
import { withTexts } from './with-texts.ts';

/** Where a verb finds the desired state, and what a new one is made with. */
export interface FileRequest {
  readonly site: Site;
  readonly runId: Parameters<typeof migrateState>[1]['runId'];
  /** Where an editor finds the schema of the file. */
  readonly schema: string;
}

/** The file that a verb edits: the last one, which has the last word. */
export interface DesiredFile {
  readonly file: NamedFile;
  /** Its text; undefined where there is no such file yet. */
  readonly before: string | undefined;
  /** What is edited: its text, or where there is none what the old tool left, taken over. */
  readonly text: string;
  /** What all files say before the edit. */
  readonly written: Written;
}

/** One value to be written, and where. */
export interface Edit {
  readonly path: readonly string[];
  readonly value: ScalarValue;
}

/** Reads the desired state that is to be edited; where there is none, one that describes the server. Writes nothing. */
export async function openDesiredFile(
  host: Host,
  request: FileRequest,
): Promise<Result<DesiredFile, Failure>> {
  const { site } = request;
  const [file, ...others] = site.desired.toReversed();
  if (file === undefined)
    return err({ code: 'usage', message: 'no desired state is named', hint: undefined });
  const found = host.files.read(file.path);
  if (found.kind === 'unreadable')
    return err({ code: 'desired-unreadable', path: file.shown, why: found.why });
  const isNew = found.kind === 'absent' && others.length === 0;
  if (found.kind === 'absent' && !isNew)
    return err({ code: 'desired-missing', tried: [file.shown] });
  const text = found.kind === 'known' ? ok(found.value) : await takenOver(host, request);
  if (!text.ok) return text;
  const written = await readAs(host, site, { file, text: text.value });
  if (!written.ok) return written;
  const before = found.kind === 'known' ? found.value : undefined;
  return ok({ file, before, text: text.value, written: written.value });
}

// What could not be read would be left out, and so taken for something that is not there.
async function takenOver(host: Host, request: FileRequest): Promise<Result<string, Failure>> {
  const migrated = await migrateState(host, request);
  if (!migrated.ok) return migrated;
  const facts = unreadableFacts(migrated.value.server);
  return facts.length > 0 ? err({ code: 'facts-unreadable', facts }) : ok(migrated.value.text);
}

// What people wrote, with another text in one of the files.
async function readAs(
  host: Host,
  site: Site,
  { file, text }: Pick<DesiredFile, 'file' | 'text'>,
): Promise<Result<Written, Failure>> {
  return await loadWritten(withTexts(host, new Map([[file.path, known(text)]])), site);
}

/** A file as a verb wants it, and what all files then say. */
export interface EditedFile {
  readonly text: string;
  readonly written: Written;
}

/** Edits the text, every other byte kept, and reads it as it will be read. Fails where the layout does not allow it, or the outcome is no desired state. */
export async function editDesiredFile(
  host: Host,
  site: Site,
  { opened, edits }: { readonly opened: DesiredFile; readonly edits: readonly Edit[] },
): Promise<Result<EditedFile, OldError>> {
  const { file } = opened;
  let { text } = opened;
  for (const { path, value } of edits) {
    const edited = editYaml(text, path, value);
    if (!edited.ok)
      return err({
        tag: 'invalid-operation',
        message: `${file.shown}: ${whyNot(path, edited.error)}`,
      });
    text = edited.value;
  }
  const written = await readAs(host, site, { file, text });
  if (written.ok) return ok({ text, written: written.value });
  return err(unknownKey(written.error, edits) ?? oldErrorOf([written.error]));
}

// Before the edit all was well: a key that nobody knows is the one of the edit.
function unknownKey(failure: Failure, edits: readonly Edit[]): OldError | undefined {
  if (failure.code !== 'desired-invalid') return undefined;
  const problem = failure.diagnostics.find(({ code }) => code === 'unknown-key');
  const key = edits.at(-1)?.path.slice(SETTING_DEPTH).join('.');
  if (problem === undefined || key === undefined) return undefined;
  const { fix = problem.detail } = problem;
  return { tag: 'invalid-key', message: fix === undefined ? key : `${key}: ${fix}` };
}

// products, NAME, settings: what follows is the setting's own.
const SETTING_DEPTH = 3;

function whyNot(path: readonly string[], problem: EditProblem): string {
  switch (problem.code) {
    case 'no-way-in':
      return `${showPath(problem.path)} is a value, and can hold no other`;
    case 'not-one-value':
      return `${showPath(problem.path)} holds other values: name one of them`;
    case 'not-readable':
    case 'unusual-layout':
      return `${showPath(path)} cannot be changed alone as the file is laid out: change it by hand`;
  }
}

// For its owner only: a config file may have kept from others what was read back from it.
const FILE_BITS = 0o600;

/** Puts the edited text in place, durably; a file that holds it already is not written. */
export function putInPlace(
  { files }: Pick<Host, 'files'>,
  { path }: NamedFile,
  text: string,
): Result<void, Failure> {
  const folder = files.makeFolder(folderOf(path));
  return folder.ok ? files.replace(path, text, { modeBits: FILE_BITS }) : folder;
}

/** Puts the file's old bytes back; one that did not exist is removed, and one that somebody changed meanwhile is left to them. */
export function putBack(
  { files }: Pick<Host, 'files'>,
  { file, before }: DesiredFile,
  { text }: EditedFile,
): Result<void, Failure> {
  const now = files.read(file.path);
  if (now.kind !== 'known' || now.value !== text) return ok(undefined);
  return before === undefined ? files.remove(file.path) : putInPlace({ files }, file, before);
}
