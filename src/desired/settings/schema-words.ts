import type { DocumentPath } from '../../model/document.ts';
import { layersOf, listOf, ownValue, schemasUnder, type Resolve, type Schema } from './layers.ts';
import { listWords } from '../words.ts';

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'nothing',
};

/** What a schema allows, as in `maxconn must be …`: `a whole number from 1 to 65535`. Undefined where it does not say. */
export function allowedWords(schema: unknown, resolve: Resolve): string | undefined {
  for (const layer of layersOf([schema], resolve, 'always')) {
    const words = wordsOf(layer, resolve);
    if (words !== undefined) return words;
  }
  return undefined;
}

function wordsOf(schema: Schema, resolve: Resolve): string | undefined {
  if (Object.hasOwn(schema, 'const')) return JSON.stringify(schema['const']);
  const values = listOf(ownValue(schema, 'enum'));
  if (values.length > 0)
    return listWords(
      values.map((value) => JSON.stringify(value)),
      'or',
    );
  const forms = [...listOf(ownValue(schema, 'anyOf')), ...listOf(ownValue(schema, 'oneOf'))];
  const types = [ownValue(schema, 'type') ?? []].flat().map(String);
  if (types.length === 0 && forms.length > 0) return formsWords(forms, resolve);
  const rules = [rangeWords(schema), countWords(schema), patternWords(schema), keyWords(schema)];
  const rule = rules.filter((words) => words !== '').join(' ');
  const isMap = types.length === 0 && ownValue(schema, 'required') !== undefined;
  const type = listWords(
    (isMap ? ['object'] : types).map((word) => TYPE_WORDS[word] ?? word),
    'or',
  );
  return `${type} ${rule}`.trim() || undefined;
}

/** What `anyOf` or `oneOf` allows; undefined where one of the forms has no words. */
function formsWords(forms: readonly unknown[], resolve: Resolve): string | undefined {
  const words = forms.map((form) => allowedWords(form, resolve));
  const told = words.filter((each) => each !== undefined);
  return told.length === words.length ? listWords([...new Set(told)], 'or') : undefined;
}

function rangeWords(schema: Schema): string {
  const [least, most] = [numberOf(schema, 'minimum'), numberOf(schema, 'maximum')];
  const [above, below] = [
    numberOf(schema, 'exclusiveMinimum'),
    numberOf(schema, 'exclusiveMaximum'),
  ];
  const step = numberOf(schema, 'multipleOf');
  const words = [
    boundsWords(least, most),
    above && `above ${above}`,
    below && `below ${below}`,
    step && `in steps of ${step}`,
  ];
  return words.filter((each) => each !== undefined && each !== '').join(' ');
}

function boundsWords(least: string | undefined, most: string | undefined): string {
  if (least !== undefined && most !== undefined)
    return least === most ? `of ${least}` : `from ${least} to ${most}`;
  if (least !== undefined) return `of at least ${least}`;
  return most === undefined ? '' : `of at most ${most}`;
}

const COUNTS = [
  ['minLength', 'maxLength', 'character'],
  ['minItems', 'maxItems', 'item'],
  ['minProperties', 'maxProperties', 'key'],
] as const;

function countWords(schema: Schema): string {
  const words = COUNTS.map(([min, max, noun]) => {
    const [least, most] = [numberOf(schema, min), numberOf(schema, max)];
    const bounds = boundsWords(least, most).replace('from', 'of');
    return bounds && `${bounds} ${noun}${(most ?? least) === '1' ? '' : 's'}`;
  });
  return words.filter((each) => each !== '').join(' ');
}

function numberOf(schema: Schema, key: string): string | undefined {
  const value = ownValue(schema, key);
  return typeof value === 'number' ? String(value) : undefined;
}

function patternWords({ pattern }: Schema): string {
  return typeof pattern === 'string' ? `that matches ${pattern}` : '';
}

function keyWords(schema: Schema): string {
  const required = listOf(ownValue(schema, 'required')).map(String);
  return required.length === 0 ? '' : `with ${listWords(required, 'and')}`;
}

/** What the schema says in prose of the value at a path, most particular first. */
export function descriptionAt(
  root: Schema,
  path: DocumentPath,
  resolve: Resolve,
): string | undefined {
  let layers = layersOf([root], resolve, 'perhaps');
  for (const step of path) layers = layersOf(schemasUnder(layers, step), resolve, 'perhaps');
  return layers.map(descriptionOf).find((description) => description !== undefined);
}

/** The description that stands in a schema itself. */
export function descriptionOf(schema: unknown): string | undefined {
  const description = ownValue(schema, 'description');
  return typeof description === 'string' ? description : undefined;
}
