import { inspectYaml } from '../format/yaml.ts';
import { toPlain, type YamlMap } from '../format/yaml-value.ts';
import type { Files } from '../host/host.ts';
import type { ServerDefinition } from '../model/definition.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { inDocumentOrder } from '../model/diagnostic.ts';
import type { OriginOf, PlainMap } from '../model/document.ts';
import { isList } from '../model/document.ts';
import type { Failure } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import type { Result } from '../model/result.ts';
import { err, ok } from '../model/result.ts';
import type { DesiredState } from '../model/state.ts';
import { changedTexts } from './changed-texts.ts';
import type { Compiled } from './compiled.ts';
import { interpret, withoutEchoes } from './interpret.ts';
import { mergeTrees } from './merge.ts';
import { readPiecewise, type PiecewiseRequest } from './piecewise.ts';
import { placesOf } from './places.ts';
import type { SettingsSchemas } from './settings-schema.ts';

/** Which desired state is wanted, and for what server. */
export interface DesiredRequest {
  /** The files of `-f`, in their order: as messages show them, and where they are. */
  readonly paths: readonly { readonly shown: string; readonly path: HostPath }[];
  readonly definition: ServerDefinition;
  /** What bootstrap.ini has schemas for; undefined where it names none. */
  readonly settingsSchemas: SettingsSchemas | undefined;
  /** The sha256 of a text, in hex; it becomes the revision. */
  readonly digest: (text: string) => string;
  /** The text of bootstrap.ini, and what one file was read as before; undefined where nothing is kept. */
  readonly kept: Pick<PiecewiseRequest, 'definitionText' | 'before'> | undefined;
}

/** What was asked for, and what tells where it was. */
export interface Loaded {
  readonly desired: DesiredState;
  /** Found when it is asked for: a large file costs nothing more. */
  readonly originOf: OriginOf;
  /** All files merged, as plain data; defaults not filled in. Made when it is asked for. */
  readonly document: () => PlainMap;
  /** To be kept for the next reading; undefined where the text has to be read as a whole. */
  readonly compiled: Compiled | undefined;
}

/**
 * The desired state that files declare, later ones merged over earlier ones. Fails with `desired-missing`, `desired-unreadable`, or
 * with `desired-invalid` and what is wrong, in the order of the files and of their lines.
 */
export function loadDesired(
  files: Pick<Files, 'read'>,
  request: DesiredRequest,
): Result<Loaded, Failure> {
  if (request.paths.length === 0)
    return err({
      code: 'usage',
      message: 'no desired state is named',
      hint: 'name one with -f FILE',
    });
  const texts: DesiredText[] = [];
  const tried: string[] = [];
  for (const { shown, path } of request.paths) {
    const text = files.read(path);
    if (text.kind === 'unreadable')
      return err({ code: 'desired-unreadable', path: shown, why: text.why });
    if (text.kind === 'known') texts.push({ file: shown, text: text.value });
    else tried.push(shown);
  }
  if (tried.length > 0) return err({ code: 'desired-missing', tried });
  const parsed = readKept(texts, request) ?? readDesired(texts, request);
  return parsed.ok ? parsed : err({ code: 'desired-invalid', diagnostics: parsed.error });
}

// What several files or settings-schemas make of a text is not told by its pieces.
function readKept(
  [text, ...others]: readonly DesiredText[],
  { definition, digest, settingsSchemas, kept }: DesiredRequest,
): Result<Loaded, never> | undefined {
  if (kept === undefined || text === undefined || others.length > 0) return undefined;
  if (settingsSchemas !== undefined) return undefined;
  const read = readPiecewise({ ...text, definition, digest, ...kept });
  return read && ok(read);
}

/** The text of a file, and the file's name as messages show it. */
export interface DesiredText {
  readonly file: string;
  readonly text: string;
}

/** How texts are read as a desired state. */
export type ReadContext = Pick<DesiredRequest, 'definition' | 'digest' | 'settingsSchemas'>;

/** The desired state that one text declares, or what is wrong with it, in its order. */
export function parseDesired(
  text: string,
  { file, ...context }: ReadContext & Pick<DesiredText, 'file'>,
): Result<DesiredState, readonly Diagnostic[]> {
  const read = readDesired([{ file, text }], context);
  return read.ok ? ok(read.value.desired) : read;
}

/** The desired state that texts declare, later ones merged over earlier ones; or what is wrong with them, a hundred problems at most. */
export function readDesired(
  texts: readonly DesiredText[],
  context: ReadContext,
): Result<Loaded, readonly Diagnostic[]> {
  const readings = texts.map(({ file, text }) => ({ file, ...inspectYaml(text, file) }));
  const linesOf = new Map(readings.map(({ file, lines }) => [file, lines]));
  const roots = readings.flatMap(({ root }) => root ?? []);
  const { definition, digest, settingsSchemas } = context;
  const inOrder = (found: readonly Diagnostic[]): readonly Diagnostic[] => {
    const shown = [...linesOf.keys()].flatMap((file) => inDocumentOrder(inFile(found, file)));
    return capped(settingsSchemas?.hideSecrets(shown, roots) ?? shown);
  };

  const problems = readings.flatMap((reading) => reading.problems);
  const [first, ...later] = roots;
  // Without one of the files nothing can be said of the whole.
  if (first === undefined || roots.length < readings.length) return err(inOrder(problems));

  const root = mergeTrees(first, later);
  const places = placesOf(root, ({ file, line }) => linesOf.get(file)?.textOf(line) ?? '');
  problems.push(...withoutEchoes(changedTexts(root, places), problems));
  const digests = texts.map(({ text }) => digest(text));
  const revision = digests.length === 1 ? digests.join('') : digest(digests.join('\n'));
  const state = { definition, revision, files: [...linesOf.keys()] };
  const desired = interpret(root, places, { ...state, settingsSchemas });
  if (!desired.ok) return err(inOrder([...problems, ...withoutEchoes(desired.error, problems)]));
  if (problems.length > 0) return err(inOrder(problems));
  const originOf: OriginOf = (path) =>
    places.at(path) === undefined ? undefined : places.locate(path, 'value').span;
  const document = (): PlainMap => plainMap(root);
  return ok({ desired: desired.value, originOf, document, compiled: undefined });
}

function plainMap(root: YamlMap): PlainMap {
  const plain = toPlain(root);
  return typeof plain === 'object' && plain !== null && !isList(plain) ? (plain as PlainMap) : {};
}

function inFile(found: readonly Diagnostic[], file: string): readonly Diagnostic[] {
  return found.filter(({ span }) => span?.file === file);
}

/** More than anybody reads: a file with more mistakes has one mistake many times. */
const PROBLEMS_MAX = 100;

function capped(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  // One line that says "one more" is no shorter than that one.
  const next = problems[PROBLEMS_MAX];
  if (next === undefined || problems.length === PROBLEMS_MAX + 1) return problems;
  const more: Diagnostic = {
    code: 'more-problems',
    severity: 'error',
    summary: `and ${problems.length - PROBLEMS_MAX} more, from here on`,
    detail: undefined,
    span: next.span,
    sourceLine: undefined,
    fix: undefined,
  };
  return [...problems.slice(0, PROBLEMS_MAX), more];
}
