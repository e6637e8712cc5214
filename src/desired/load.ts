import type { UnwritableSetting } from '../core/normalise-settings.ts';
import { normalise } from '../core/normalise.ts';
import { renderIni } from '../format/config-ini.ts';
import { inspectYaml, toPlain, type YamlMap } from '../format/yaml.ts';
import type { Files } from '../host/host.ts';
import type { ProductDefinition, ServerDefinition } from '../model/definition.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { inDocumentOrder } from '../model/diagnostic.ts';
import type { DesiredDocument } from '../model/document.ts';
import type { Failure } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import type { Result } from '../model/result.ts';
import { err, ok } from '../model/result.ts';
import type { SettingMap } from '../model/settings.ts';
import type { DesiredState } from '../model/state.ts';
import { placesOf, type Places } from './places.ts';
import { schemaProblems } from './problems.ts';
import { validateDesiredState } from './validators.generated.js';

/** Which desired state is wanted, and for what server. */
export interface DesiredRequest {
  /** The files of `-f`: as messages show them, and where they are. */
  readonly paths: readonly { readonly shown: string; readonly path: HostPath }[];
  readonly definition: ServerDefinition;
  /** The sha256 of a text, in hex; it becomes the revision. */
  readonly digest: (text: string) => string;
}

/** The desired state that a file declares. Fails with `desired-missing`, or with `desired-invalid` and everything that is wrong, in the file's order. */
export function loadDesired(
  files: Pick<Files, 'read'>,
  request: DesiredRequest,
): Result<DesiredState, Failure> {
  const [file, ...others] = request.paths;
  if (file === undefined || others.length > 0) {
    const message =
      file === undefined ? 'no desired state is named' : 'several files are not supported yet';
    return err({ code: 'usage', message, hint: 'name one file with -f FILE' });
  }
  const text = files.read(file.path);
  switch (text.kind) {
    case 'absent':
      return err({ code: 'desired-missing', tried: [file.shown] });
    case 'unreadable':
      return err({ code: 'file-unusable', path: file.shown, why: text.why, what: 'read' });
    case 'known': {
      const parsed = parseDesired(text.value, { ...request, file: file.shown });
      return parsed.ok ? parsed : err({ code: 'desired-invalid', diagnostics: parsed.error });
    }
  }
}

/** How a text is read as a desired state. */
export interface ParseContext extends Pick<DesiredRequest, 'definition' | 'digest'> {
  /** As messages show it. */
  readonly file: string;
}

/** The desired state that a text declares, or everything that is wrong with it, in its order. */
export function parseDesired(
  text: string,
  context: ParseContext,
): Result<DesiredState, readonly Diagnostic[]> {
  const { root, problems, lines } = inspectYaml(text, context.file);
  if (root === undefined) return err(problems);
  const state = interpret(root, placesOf(root, lines), {
    ...context,
    revision: context.digest(text),
  });
  if (!state.ok)
    return err(inDocumentOrder([...problems, ...withoutEchoes(state.error, problems)]));
  return problems.length === 0 ? state : err(problems);
}

function interpret(
  root: YamlMap,
  places: Places,
  { definition, file, revision }: ParseContext & { readonly revision: string },
): Result<DesiredState, readonly Diagnostic[]> {
  const document = toPlain(root);
  if (!isDesiredDocument(document))
    return err(schemaProblems(validateDesiredState.errors ?? [], places));
  return normalise(document, {
    definition,
    revision,
    files: [file],
    locate: places.locate,
    findUnwritable,
  });
}

function isDesiredDocument(data: unknown): data is DesiredDocument {
  return validateDesiredState(data);
}

function findUnwritable(
  { config }: ProductDefinition,
  settings: SettingMap,
): readonly UnwritableSetting[] {
  const rendered = config?.format === 'ini' ? renderIni(settings) : ok('');
  return rendered.ok
    ? []
    : rendered.error.flatMap((problem) => (problem.at === 'setting' ? problem : []));
}

/** What the schema finds at the place of a problem of YAML follows from that: a merge key is also an unknown key. */
function withoutEchoes(
  found: readonly Diagnostic[],
  problems: readonly Diagnostic[],
): readonly Diagnostic[] {
  const placeOf = ({ span }: Diagnostic): string => `${span?.line}:${span?.column}`;
  const taken = new Set(problems.map(placeOf));
  return found.filter((diagnostic) => !taken.has(placeOf(diagnostic)));
}
