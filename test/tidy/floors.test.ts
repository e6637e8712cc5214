// Keeps the floor table of src/ARCHITECTURE.md: imports go down only, each package has one door, nothing goes in circles.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findFaults, parseFloors } from './floors.ts';
import { readSources } from './sources.ts';

test('src keeps to its floors', () => {
  const floors = parseFloors(readFileSync('src/ARCHITECTURE.md', 'utf8'));
  expect(floors.size, 'no table `| folder | floor | packages |` found').not.toBe(0);
  expect(findFaults(floors, readSources())).toEqual([]);
});

describe('the rules find', () => {
  const floors = parseFloors(`
    | folder | floor | packages |
    |---|---|---|
    | model/ | 0 | |
    | \`core\` | 1 | microdiff |
    | format | 1 | yaml, \`@scope/ini\` |
    | host | 1 | node:* |
    | serve | 2 | node:http |`);
  const faultsOf = (files: Record<string, string>) =>
    findFaults(floors, new Map(Object.entries(files)));

  test.each([
    ['core', `import { b } from '../serve/b.ts'`, 'core (floor 1) may not import serve (floor 2)'],
    ['core', `export * from '../format/b.ts'`, 'core (floor 1) may not import format (floor 1)'],
    ['model', `import type { B } from '../core/b.ts'`, 'model (floor 0) may not import core'],
    ['core', `await import('../serve/b.ts')`, 'core (floor 1) may not import serve'],
    ['core', `import schema from '../../schemas/a.ts'`, 'stands on no floor'],
    ['core', `import { b } from './b.js'`, `write './b.ts'`],
    ['core', `import { parse } from 'yaml'`, 'through format/ only'],
    ['core', `import get from 'lodash/get.js'`, 'no row of src/ARCHITECTURE.md lists lodash'],
    ['serve', `import fs from 'node:fs'`, 'through host/ only'],
    ['extra', ``, 'extra/ has no row'],
    ['.', ``, 'stands in no folder'],
  ])('in %s: %s', (folder, text, fault) => {
    const path = folder === '.' ? 'src/a.ts' : `src/${folder}/a.ts`;
    expect(faultsOf({ [path]: text })).toEqual([expect.stringContaining(fault)]);
  });

  test('a circle, types counted, named once', () => {
    const faults = faultsOf({
      'src/core/a.ts': `import './b.ts'`,
      'src/core/b.ts': `import type { C } from './c.ts'`,
      'src/core/c.ts': `import './b.ts'`,
    });
    expect(faults).toEqual([
      expect.stringContaining('src/core/b.ts → src/core/c.ts → src/core/b.ts'),
    ]);
  });

  test('nothing in a tidy house', () => {
    const faults = faultsOf({
      'src/model/id.ts': '',
      'src/format/a.ts': `import '../model/id.ts'; import './a.generated.js'; import '@scope/ini/x.js'`,
      'src/host/a.ts': `import 'node:fs/promises'`,
    });
    expect(faults).toEqual([]);
  });
});
