import { nearest } from '../../core/nearest.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { DocumentPath } from '../../model/document.ts';
import type { Places } from '../places.ts';
import { DRAFT } from './compiler.ts';
import { isReference } from './data.ts';
import { isSchema, ownValue, type PlacedSchema, type Resolve, type Schema } from './layers.ts';
import { listWords, quote } from '../words.ts';

/** A schema file that was read as JSON. */
export interface SchemaFile {
  readonly schemas: readonly PlacedSchema[];
  readonly resolve: Resolve;
  readonly places: Places;
}

/** What is wrong with a schema file beyond its form, each at its place: what would have no effect, or none that was meant. */
export function schemaFaults(file: SchemaFile, keywords: readonly string[]): readonly Diagnostic[] {
  return file.schemas.flatMap(({ schema, path }) =>
    FAULTS.flatMap((faultsIn) => faultsIn(schema, { ...file, path, keywords })).map((fault) =>
      schemaFault(file.places, { ...fault, path: [...path, ...fault.path] }),
    ),
  );
}

/** Something wrong with a schema file. */
export interface SchemaFault {
  readonly path: DocumentPath;
  readonly part: 'key' | 'value';
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly fix?: string | undefined;
}

/** A fault of a schema file, with its place. */
export function schemaFault(
  places: Places,
  { path, part, summary, detail, fix }: SchemaFault,
): Diagnostic {
  const where = places.locate(path, part);
  return { code: 'settings-schema-invalid', severity: 'error', summary, detail, fix, ...where };
}

interface FaultContext extends SchemaFile {
  readonly path: DocumentPath;
  readonly keywords: readonly string[];
}

type FaultsIn = (schema: Schema, context: FaultContext) => readonly SchemaFault[];

const FAULTS: readonly FaultsIn[] = [
  unknownKeywords,
  otherDraft,
  formats,
  badPatterns,
  badReferences,
  nestedIds,
  badDefaults,
];

function unknownKeywords(schema: Schema, { keywords }: FaultContext): readonly SchemaFault[] {
  return Object.keys(schema)
    .filter((word) => !keywords.includes(word))
    .map((word) => {
      const meant = nearest(word, keywords);
      return {
        path: [word],
        part: 'key',
        summary: `${quote(word)} is no keyword of JSON Schema 2020-12`,
        fix: meant === undefined ? 'remove it' : `did you mean ${quote(meant)}?`,
      };
    });
}

function otherDraft(schema: Schema): readonly SchemaFault[] {
  const draft = ownValue(schema, '$schema');
  // Without it a schema is taken for this draft.
  if (draft === undefined || draft === DRAFT || draft === `${DRAFT}#`) return [];
  const summary = 'the schema says that it is not JSON Schema 2020-12';
  return [{ path: ['$schema'], part: 'value', summary, fix: `write "${DRAFT}"` }];
}

function formats(schema: Schema): readonly SchemaFault[] {
  if (ownValue(schema, 'format') === undefined) return [];
  const summary = '"format" would not be checked';
  return [{ path: ['format'], part: 'key', summary, fix: 'write a "pattern" instead' }];
}

function badPatterns(schema: Schema): readonly SchemaFault[] {
  const patterns = ownValue(schema, 'patternProperties');
  const keys = isSchema(patterns) ? Object.keys(patterns) : [];
  return [
    ...patternFaults(ownValue(schema, 'pattern'), { path: ['pattern'], part: 'value' }),
    ...keys.flatMap((key) => patternFaults(key, { path: ['patternProperties', key], part: 'key' })),
  ];
}

function patternFaults(
  pattern: unknown,
  at: Pick<SchemaFault, 'path' | 'part'>,
): readonly SchemaFault[] {
  if (typeof pattern !== 'string') return [];
  try {
    new RegExp(pattern, 'u');
    return [];
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : undefined;
    return [{ ...at, summary: `${quote(pattern)} is no regular expression`, detail }];
  }
}

function badReferences(schema: Schema, { resolve, schemas }: FaultContext): readonly SchemaFault[] {
  return ['$ref', '$dynamicRef'].flatMap((key): readonly SchemaFault[] => {
    const reference = ownValue(schema, key);
    if (typeof reference !== 'string') return [];
    const target = resolve(reference);
    if (isSchema(target) || typeof target === 'boolean') return [];
    const at = { path: [key], part: 'value' } as const;
    if (!reference.startsWith('#'))
      return [
        {
          ...at,
          summary: `${quote(reference)} leads out of this file`,
          detail: 'nothing is loaded from elsewhere',
          fix: 'copy it under "$defs", and write "#/$defs/NAME"',
        },
      ];
    const definitions = definitionsIn(schemas);
    const meant = nearest(reference, definitions);
    return [
      {
        ...at,
        summary: `${quote(reference)} leads to no schema`,
        detail: definitions.length > 0 ? `there are: ${listWords(definitions)}` : undefined,
        fix: meant && `did you mean ${quote(meant)}?`,
      },
    ];
  });
}

function definitionsIn(schemas: readonly PlacedSchema[]): readonly string[] {
  return schemas
    .filter(({ path }) => path.length === 2 && (path[0] === '$defs' || path[0] === 'definitions'))
    .map(({ path }) => `#/${path.join('/')}`);
}

function nestedIds(schema: Schema, { path }: FaultContext): readonly SchemaFault[] {
  if (path.length === 0 || ownValue(schema, '$id') === undefined) return [];
  const summary = '"$id" within a schema makes a file of its own of that part';
  return [{ path: ['$id'], part: 'key', summary, fix: 'use "$anchor", or "$defs" and "$ref"' }];
}

function badDefaults(schema: Schema): readonly SchemaFault[] {
  const value = ownValue(schema, 'default');
  const at = { path: ['default'], part: 'key' } as const;
  if (value === null)
    return [{ ...at, summary: 'a setting cannot be null', fix: 'remove the default' }];
  if (value === undefined || ownValue(schema, 'writeOnly') !== true || isReference(value))
    return [];
  const summary = 'a secret cannot have its value in a schema';
  return [{ ...at, summary, fix: 'remove it, or write a reference: {"fromFile": "/PATH"}' }];
}
