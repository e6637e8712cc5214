import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { loadDesired } from '../../src/desired/load.ts';
import type { Fact } from '../../src/model/fact.ts';
import { absent, known, unreadable } from '../../src/model/fact.ts';
import { DESIRED_MODES } from '../../src/model/mode.ts';
import { DURATION_PATTERN } from '../../src/model/duration.ts';
import { hostPath, PRODUCT_NAME_PATTERN, VERSION_PATTERN } from '../../src/model/ids.ts';
import { HEARTBEAT_KINDS } from '../../src/model/document.ts';
import { serverWith, withHead } from './server.ts';

const site = { shown: 'site.yaml', path: hostPath('', '/srv/site.yaml') };

function load(file: Fact<string>, paths = [site]) {
  const files = { read: (path: string) => (path === site.path ? file : absent) };
  return loadDesired(files, {
    paths,
    definition: serverWith('web'),
    settingsSchemas: undefined,
    kept: undefined,
    digest: (text) => `digest of ${text}`,
  });
}

describe('loadDesired', () => {
  test('reads a file and says which one, and its digest', () => {
    const text = withHead('products: {web: {version: "2"}}');
    expect(load(known(text))).toMatchObject({
      ok: true,
      value: {
        desired: { files: ['site.yaml'], revision: `digest of ${text}`, mode: 'production' },
      },
    });
  });

  test.each([
    ['a missing file', absent, { code: 'desired-missing', tried: ['site.yaml'] }],
    [
      'a file that may not be read',
      unreadable('permission denied'),
      { code: 'desired-unreadable', why: 'permission denied' },
    ],
    [
      'an empty file',
      known(''),
      { code: 'desired-invalid', diagnostics: [{ code: 'yaml-empty' }] },
    ],
    [
      'a file of comments',
      known('# nothing\n'),
      { code: 'desired-invalid', diagnostics: [{ code: 'yaml-empty' }] },
    ],
    [
      'a file of products unknown to this server',
      known(withHead('products: {wbe: {}}')),
      {
        code: 'desired-invalid',
        diagnostics: [{ code: 'unknown-product', fix: 'did you mean "web"?' }],
      },
    ],
  ])('refuses %s', (_, file, failure) => {
    expect(load(file)).toMatchObject({ ok: false, error: failure });
  });

  test('refuses no file', () => {
    expect(load(absent, [])).toMatchObject({ ok: false, error: { code: 'usage' } });
  });
});

test('the schema and the code have the same rules', () => {
  const schema = JSON.parse(readFileSync('schemas/desired-state.schema.json', 'utf8'));
  const { $defs, properties } = schema;
  expect(properties.products.propertyNames.pattern).toBe(PRODUCT_NAME_PATTERN);
  expect($defs.version.pattern).toBe(VERSION_PATTERN);
  expect($defs.duration.pattern).toBe(DURATION_PATTERN);
  expect($defs.server.properties.mode.enum).toEqual(DESIRED_MODES);
  expect($defs.heartbeat.oneOf).toEqual(HEARTBEAT_KINDS.map((kind) => ({ required: [kind] })));
});
