import type { UnwritableSetting } from '../core/normalise-settings.ts';
import { normalise, type NormaliseContext } from '../core/normalise.ts';
import { renderSettings } from '../format/config.ts';
import { toPlain, type YamlMap } from '../format/yaml-value.ts';
import { refuseForm, refuseLiteral } from '../host/address-policy.ts';
import type { ProductDefinition } from '../model/definition.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { DesiredDocument, PlainValue } from '../model/document.ts';
import type { Result } from '../model/result.ts';
import { err, ok } from '../model/result.ts';
import type { SettingMap } from '../model/settings.ts';
import type { DesiredState } from '../model/state.ts';
import type { Places } from './places.ts';
import { schemaProblems } from './problems.ts';
import type { SettingsSchemas } from './settings-schema.ts';
import { soundPart } from './sound-part.ts';
import { validateDesiredState } from './validators.generated.js';

/** The desired state that a tree declares, or all that its schema and its sense have against it. */
export function interpret(
  root: YamlMap,
  places: Places,
  { settingsSchemas, ...state }: InterpretContext,
): Result<DesiredState, readonly Diagnostic[]> {
  const written = { document: toPlain(root), problems: [] };
  const { document, problems } = settingsSchemas?.check(written.document, places) ?? written;
  const makeSense = (valid: DesiredDocument): Result<DesiredState, readonly Diagnostic[]> =>
    normalise(valid, {
      ...state,
      locate: places.locate,
      findUnwritable,
      refuseCallback: (url) =>
        refuseForm(url) ?? refuseLiteral(url, state.definition.callbackAllow),
    });
  const desired = isDesiredDocument(document)
    ? makeSense(document)
    : err(allProblems(document, { places, makeSense }));
  if (problems.length === 0) return desired;
  return err([...problems, ...(desired.ok ? [] : withoutEchoes(desired.error, problems))]);
}

/** What a tree is read as a desired state with. */
export type InterpretContext = Pick<NormaliseContext, 'definition' | 'revision' | 'files'> & {
  /** What bootstrap.ini has schemas for; undefined where it names none. */
  readonly settingsSchemas: SettingsSchemas | undefined;
};

interface Refused {
  readonly places: Places;
  readonly makeSense: (valid: DesiredDocument) => Result<DesiredState, readonly Diagnostic[]>;
}

// What the schema has against a document it refuses, and what is wrong with the sense of the rest.
function allProblems(document: PlainValue, { places, makeSense }: Refused): readonly Diagnostic[] {
  const errors = validateDesiredState.errors ?? [];
  const problems = schemaProblems(errors, places);
  const sound = soundPart(document, errors);
  const rest = isDesiredDocument(sound) ? makeSense(sound) : ok(undefined);
  return rest.ok ? problems : [...problems, ...withoutEchoes(rest.error, problems)];
}

function isDesiredDocument(data: unknown): data is DesiredDocument {
  return validateDesiredState(data);
}

function findUnwritable(
  { config }: ProductDefinition,
  settings: SettingMap,
): readonly UnwritableSetting[] {
  const format = config?.format ?? 'template';
  const rendered = format === 'template' ? ok('') : renderSettings(format, settings);
  return rendered.ok
    ? []
    : rendered.error.flatMap((problem) => (problem.at === 'setting' ? problem : []));
}

/** What the schema finds at the place of a problem of YAML follows from that: a merge key is also an unknown key. */
export function withoutEchoes(
  found: readonly Diagnostic[],
  problems: readonly Diagnostic[],
): readonly Diagnostic[] {
  const placeOf = ({ span }: Diagnostic): string => `${span?.line}:${span?.column}:${span?.file}`;
  const taken = new Set(problems.map(placeOf));
  return found.filter(
    // Where a secret is written out, what else is said of it shows it: that is left out in the end.
    (diagnostic) => diagnostic.code === 'secret-literal' || !taken.has(placeOf(diagnostic)),
  );
}
