import { canonical } from '../core/canonical.ts';
import { checksum } from '../core/checksum.ts';
import { failpoint } from '../host/failpoint.ts';
import type { Files, Host } from '../host/host.ts';
import { FILE_BYTES_MAX } from '../host/read-file.ts';
import type { PlainMap } from '../model/document.ts';
import { known, valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { GENERATION_FORMAT, type Generation, type GenerationOutcome } from '../model/generation.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { parseJsonObject } from '../model/json-object.ts';
import { folderOf, generationPath, layoutOf } from '../model/layout.ts';
import { err, ok, type Result } from '../model/result.ts';
import { loadWritten, type Written } from './load.ts';
import type { Site } from './site.ts';
import { readStateFile } from './state-file.ts';
import { withTexts } from './with-texts.ts';

// A desired state may hold settings that not everybody on the server need know.
const GENERATION_FILE_BITS = 0o600;
const GOOD_KEPT_MAX = 20;
const OTHERS_KEPT_MAX = 10;

/** The generations on record, oldest first; one that is damaged is left out: it can never be gone back to. */
export function readGenerations(
  files: Pick<Files, 'read' | 'list'>,
  root: string,
): readonly Generation[] {
  return generationNumbers(files, root)
    .flatMap((number) => readGeneration(files, generationPath(root, number)) ?? [])
    .toSorted((a, b) => a.number - b.number);
}

/** The newest of them, without its document; none of the others is read, unless it is damaged. */
function newestGeneration(
  files: Pick<Files, 'read' | 'readHead' | 'list'>,
  root: string,
): GenerationHead | undefined {
  return newestOf(files, root, (path) => readHeadOf(files, path));
}

/** The newest generation that was verified; undefined where none ever was. Older ones are not read. */
export function newestGood(
  files: Pick<Files, 'read' | 'list'>,
  root: string,
): Generation | undefined {
  return newestOf(files, root, (path) => {
    const generation = readGeneration(files, path);
    return generation?.outcome === 'good' ? generation : undefined;
  });
}

/** As `newestGood`, without its document, which takes longer to parse than all else that a run of a change does. */
export function newestGoodHead(
  files: Pick<Files, 'read' | 'readHead' | 'list'>,
  root: string,
): GenerationHead | undefined {
  return newestOf(files, root, (path) => {
    const generation = readHeadOf(files, path);
    return generation?.outcome === 'good' ? generation : undefined;
  });
}

function newestOf<T>(
  files: Pick<Files, 'list'>,
  root: string,
  find: (path: HostPath) => T | undefined,
): T | undefined {
  for (const number of generationNumbers(files, root).toSorted((a, b) => b - a)) {
    const found = find(generationPath(root, number));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is told of a generation without looking into it. */
type GenerationHead = Omit<Generation, 'document'>;

/** Begins the document in the file of a generation: in the texts of JSON no line breaks, and what is deeper is indented further. */
const DOCUMENT_LINE = '\n  "document": ';

// Whole where it is one of before documents had checksums, or does not add up to its own: then it can still be JSON.
function readHeadOf(
  files: Pick<Files, 'read' | 'readHead'>,
  path: HostPath,
): GenerationHead | undefined {
  return readHead(files, path) ?? readGeneration(files, path);
}

// To parse the document takes longer than all else that a run does; that it is whole its checksum tells as well. One that is too large
// to be read for a rollback is none here either.
function readHead(files: Pick<Files, 'readHead'>, path: HostPath): GenerationHead | undefined {
  const bytes = valueOf(files.readHead(path, FILE_BYTES_MAX)) ?? Buffer.alloc(0);
  const end = bytes.indexOf(`,${DOCUMENT_LINE}`);
  const head = end < 0 ? undefined : parseJsonObject(`${bytes.toString('utf8', 0, end)}}`);
  if (head?.['schema'] !== GENERATION_FORMAT) return undefined;
  const isWhole = head['documentSum'] === checksum(bytes.subarray(end + 1));
  return isWhole ? (head as unknown as GenerationHead) : undefined;
}

/** The file of a generation from its document on. */
function documentText(document: PlainMap): string {
  return `${JSON.stringify({ document }, undefined, 2).slice(1)}\n`;
}

/** The numbers of the generations on record, in no order; what else is there is none. */
export function generationNumbers(files: Pick<Files, 'list'>, root: string): readonly number[] {
  const names = valueOf(files.list(layoutOf(root).generations)) ?? [];
  return names.flatMap((name) => /^([1-9][0-9]{0,8})\.json$/.exec(name)?.[1] ?? []).map(Number);
}

function readGeneration(files: Pick<Files, 'read'>, path: HostPath): Generation | undefined {
  const document = readStateFile(files, { path, format: GENERATION_FORMAT });
  return document.ok ? (document.value as unknown as Generation | undefined) : undefined;
}

/** Makes the newest generation of a revision, where it is on trial, a good one. */
export function markGood(files: Files, root: string, revision: string): Result<void, Failure> {
  const found = readGenerations(files, root).findLast((each) => each.revision === revision);
  if (found?.outcome !== 'trial') return ok(undefined);
  const good = { ...found, outcome: 'good' } as const;
  return writeGeneration(files, root, { head: good, documentText: documentText(found.document) });
}

interface GenerationFile {
  readonly head: GenerationHead;
  /** As `documentText` makes it: of a large one that takes longer than to write it. */
  readonly documentText: string;
}

function writeGeneration(
  files: Files,
  root: string,
  { head, documentText: document }: GenerationFile,
): Result<void, Failure> {
  const { number, revision, outcome, runId, time, files: named, templates, documentSum } = head;
  const path = generationPath(root, number);
  const folder = files.makeFolder(folderOf(path));
  if (!folder.ok) return folder;
  const above = JSON.stringify(
    {
      schema: GENERATION_FORMAT,
      number,
      revision,
      outcome,
      runId,
      time,
      files: named,
      templates,
      documentSum,
    },
    undefined,
    2,
  );
  // The document comes last: what is above it is read without it.
  const text = `${above.slice(0, -JSON_END.length)},${document}`;
  const written = files.replace(path, text, { modeBits: GENERATION_FILE_BITS });
  failpoint('generation.written');
  return written;
}

const JSON_END = '\n}';

/** True for the very same wish: the same desired state, rendered with the same templates. */
export function isOf(
  { revision, templates }: Pick<Generation, 'revision' | 'templates'>,
  { desired, templates: texts }: Pick<Written, 'desired' | 'templates'>,
): boolean {
  return revision === desired.revision && canonical(templates) === canonical(texts);
}

/** What became of a desired state. */
export interface GenerationEnd {
  readonly root: string;
  readonly runId: string;
  readonly outcome: GenerationOutcome;
}

/** Records what became of a desired state; nothing where the newest generation says so already. For the holder of the lock only. */
export function recordGeneration(
  host: Pick<Host, 'clock' | 'files'>,
  written: Written,
  { root, runId, outcome }: GenerationEnd,
): Result<void, Failure> {
  const { files } = host;
  const newest = newestGeneration(files, root);
  const { revision } = written.desired;
  const isSame = newest !== undefined && isOf(newest, written);
  if (isSame && newest.outcome === outcome) return ok(undefined);
  // What was verified once stays good, whatever comes of a later try of it; and a try that was held back is none.
  if (isSame && (newest.outcome === 'good' || outcome === 'incomplete')) return ok(undefined);
  // One that is damaged, or of a newer format, keeps its number.
  const number = isSame ? newest.number : Math.max(0, ...generationNumbers(files, root)) + 1;
  const document = documentText(written.document());
  const head: GenerationHead = {
    number,
    revision,
    outcome,
    runId,
    time: host.clock.now().toISOString(),
    files: written.desired.files,
    templates: written.templates,
    documentSum: checksum(Buffer.from(document)),
  };
  const done = writeGeneration(files, root, { head, documentText: document });
  return done.ok ? removeOldest(files, root) : done;
}

function removeOldest(files: Files, root: string): Result<void, Failure> {
  // Each is as large as the desired state: they are read only where there may be too many.
  if (generationNumbers(files, root).length <= Math.min(GOOD_KEPT_MAX, OTHERS_KEPT_MAX))
    return ok(undefined);
  const generations = readGenerations(files, root);
  const good = generations.filter(({ outcome }) => outcome === 'good');
  const others = generations.filter(({ outcome }) => outcome !== 'good');
  const surplus = [...good.slice(0, -GOOD_KEPT_MAX), ...others.slice(0, -OTHERS_KEPT_MAX)];
  for (const { number } of surplus) {
    const removed = files.remove(generationPath(root, number));
    if (!removed.ok) return removed;
  }
  return ok(undefined);
}

/** A generation as it was written, read by the same road as a file, and rendered with the templates of its time. */
export async function loadGeneration(
  host: Host,
  site: Site,
  generation: Generation,
): Promise<Result<Written, Failure>> {
  const { number, document, templates, revision } = generation;
  const path = generationPath(site.root, number);
  const texts = new Map([[path, known(JSON.stringify(document))]]);
  for (const [name, text] of Object.entries(templates))
    texts.set(hostPath(site.root, name), known(text));
  const past = withTexts(host, texts);
  const shown = `generation ${number}`;
  const loaded = await loadWritten(past, { ...site, desired: [{ shown, path }] });
  if (!loaded.ok) return err({ code: 'generation-unusable', number, cause: loaded.error });
  const { desired } = loaded.value;
  return ok({ ...loaded.value, desired: { ...desired, revision } });
}
