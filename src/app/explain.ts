import { readDefinition } from '../actual/definition.ts';
import { explainField, type FieldExplanation } from '../core/explain-field.ts';
import { EXPLANATIONS } from '../core/explanations/all.ts';
import type { Explanation } from '../core/explanations/explanation.ts';
import { nearest } from '../core/nearest.ts';
import { recordOf, type JsonSchema } from '../core/schema-walk.ts';
import { schemaOfDesiredState } from '../desired/schemas.generated.js';
import type { Host } from '../host/host.ts';
import { EXIT_CODE, type Failure } from '../model/failure.ts';
import { hostPath, parseProductName } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { Site } from './site.ts';

/** What was asked about, explained. */
export type Explained =
  | {
      readonly kind: 'code';
      readonly code: string;
      /** Undefined for what is found in a file: the command then fails with the code of that file. */
      readonly exitCode: number | undefined;
      readonly explanation: Explanation;
    }
  | { readonly kind: 'field'; readonly field: FieldExplanation }
  | {
      readonly kind: 'overview';
      readonly field: FieldExplanation;
      readonly codes: readonly { readonly code: string; readonly meaning: string }[];
    };

/**
 * A code, a field of the desired state by its path, or both in short where nothing is named. Fields of a product's settings
 * come from the settings-schema that the server's bootstrap.ini names. Fails with `usage` where there is no such code or field.
 */
export function explain(
  host: Host,
  site: Site,
  name: string | undefined,
): Result<Explained, Failure> {
  if (name === undefined) return overview();
  const explanation = EXPLANATIONS.get(name);
  if (explanation !== undefined)
    return ok({ kind: 'code', code: name, exitCode: exitCodeOf(name), explanation });
  const steps = stepsOf(name);
  if (steps.includes('')) return err(unknown(name, 'a path is like products.haproxy.version'));
  const settings = steps[0] === 'products' ? steps.indexOf('settings', 2) : -1;
  if (settings < 0) return explainDesired(name, steps);
  return explainSettings(host, site, { name, steps, settings });
}

function overview(): Result<Explained, Failure> {
  const top = explainField(DESIRED, []);
  if (!top.ok) return err(unknown('', undefined));
  const codes = [...EXPLANATIONS].map(([code, { meaning }]) => ({ code, meaning }));
  return ok({ kind: 'overview', field: top.value, codes });
}

const DESIRED = recordOf(schemaOfDesiredState);

function exitCodeOf(code: string): number | undefined {
  return Object.entries(EXIT_CODE).find(([each]) => each === code)?.[1];
}

/** `products.web.heartbeat[0].http` in steps. */
function stepsOf(path: string): readonly string[] {
  return path.replaceAll(/\[([^[\]]*)\]/g, '.$1').split('.');
}

function explainDesired(name: string, steps: readonly string[]): Result<Explained, Failure> {
  const explained = explainField(DESIRED, steps);
  if (explained.ok) return ok({ kind: 'field', field: explained.value });
  const { meant, known, step, within } = explained.error;
  const near = within.length === 0 ? (nearest(step, EXPLANATIONS.keys()) ?? meant) : meant;
  const where = within.length === 0 ? 'fields at the top' : `fields of ${within.join('.')}`;
  const all = known.length === 0 ? undefined : `${where}: ${known.join(', ')}`;
  return err(unknown(name, near === undefined ? all : `did you mean "${near}"?`));
}

interface SettingsQuestion {
  readonly name: string;
  readonly steps: readonly string[];
  /** The index of the step `settings`. */
  readonly settings: number;
}

function explainSettings(
  host: Host,
  site: Site,
  { name, steps, settings }: SettingsQuestion,
): Result<Explained, Failure> {
  const general = explainDesired(name, steps);
  if (!general.ok || general.value.kind !== 'field') return general;
  const product = steps.slice(1, settings).join('.');
  const schema = settingsSchemaOf(host, site, product);
  if (schema.kind === 'unusable') return err(schema.failure);
  if (schema.kind === 'none')
    return ok({ kind: 'field', field: { ...general.value.field, note: schema.why } });
  const explained = explainField(schema.root, steps.slice(settings + 1));
  if (explained.ok) {
    const description = explained.value.description ?? general.value.field.description;
    return ok({ kind: 'field', field: { ...explained.value, name, description } });
  }
  const { meant, known } = explained.error;
  const prefix = steps.slice(0, settings + 1).join('.');
  const hint =
    meant === undefined
      ? `${schema.path} describes: ${known.join(', ')}`
      : `did you mean "${prefix}.${meant}"?`;
  return err(unknown(name, hint));
}

type SettingsSchema =
  | { readonly kind: 'known'; readonly root: JsonSchema; readonly path: string }
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'unusable'; readonly failure: Failure };

/** The settings-schema of a product, for reading only: `validate` says what is wrong with one. */
function settingsSchemaOf(host: Host, site: Site, product: string): SettingsSchema {
  const name = parseProductName(product);
  // Not refused where others may write: nothing of it is run.
  const { path: ini, shown: shownPath } = site.definition;
  const definition = readDefinition(host.files, { path: ini, shownPath, root: site.root });
  if (!definition.ok)
    return none('bootstrap.ini cannot be used, so nothing says which settings there are');
  const known = name && definition.value.products.get(name);
  if (known === undefined) return none(`bootstrap.ini has no [product: ${product}]`);
  if (known.settingsSchema === undefined)
    return none(`bootstrap.ini names no settings-schema for ${product}: any setting is taken`);
  const path = hostPath(definition.value.root, known.settingsSchema.path);
  const text = host.files.read(path);
  if (text.kind !== 'known')
    return unusable(path, text.kind === 'absent' ? 'it does not exist' : text.why);
  try {
    return { kind: 'known', root: recordOf(JSON.parse(text.value.replace(/^\uFEFF/, ''))), path };
  } catch (thrown) {
    return unusable(path, `it is not JSON: ${thrown instanceof Error ? thrown.message : ''}`);
  }
}

function none(why: string): SettingsSchema {
  return { kind: 'none', why };
}

function unusable(path: string, why: string): SettingsSchema {
  return { kind: 'unusable', failure: { code: 'file-unusable', path, why, what: 'read' } };
}

function unknown(name: string, hint: string | undefined): Failure {
  return { code: 'usage', message: `there is no field or code ${JSON.stringify(name)}`, hint };
}
