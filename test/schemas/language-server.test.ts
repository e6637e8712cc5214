// What an editor gets of the schema, from the YAML language server, by the first line of a file alone.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLanguageServer, type LanguageServer, type Position } from '../rig/language-server.ts';

const FILE = resolve('examples/quickstart/desired-state.yaml');

let server: LanguageServer;
beforeAll(async () => {
  server = await startLanguageServer();
});
afterAll(async () => await server.end());

test('the quickstart has the line that names the schema, and nothing is wrong with it', async () => {
  const text = readFileSync(FILE, 'utf8');
  expect(text.split('\n')[0]).toBe(
    '# yaml-language-server: $schema=../../schemas/desired-state.schema.json',
  );
  expect(await server.open(uriOf('quickstart'), text)).toEqual([]);
});

test('keys of a product are offered, each with its description', async () => {
  const { uri, place } = await opened('completion', '    version: "1"\n    |\n');
  const items = itemsOf(await server.ask('completion', uri, place));
  const labels = items.map(({ label }) => label);
  expect(labels).toEqual(
    expect.arrayContaining(['repository', 'settings', 'dependsOn', 'heartbeat', 'protect']),
  );
  expect(labels).not.toContain('version');
  const heartbeat = items.find(({ label }) => label === 'heartbeat');
  expect(JSON.stringify(heartbeat?.documentation)).toContain('How to tell that the product serves');
});

test.each([
  ['words', 'policy: {onFailure: |}\n', ['rollback', 'stop', 'continue']],
  ['keys of a heartbeat', 'products: {web: {heartbeat: {tc|}}}\n', ['tcp', 'grace', 'deadline']],
  ['keys of a heartbeat in a list', 'products: {web: {heartbeat: [{tc|}]}}\n', ['tcp', 'grace']],
])('%s are offered', async (name, text, words) => {
  const { uri, place } = await opened(name, text, HEAD);
  expect(itemsOf(await server.ask('completion', uri, place)).map(({ label }) => label)).toEqual(
    expect.arrayContaining(words),
  );
});

test.each([
  ['a field', '    ver|sion: "1"\n', 'The version to install, in quotes'],
  [
    'a field of a heartbeat in a list',
    '    heartbeat:\n      - tc|p: "127.0.0.1:80"\n',
    'HOST:PORT',
  ],
  [
    'a field of one heartbeat',
    '    heartbeat: {tcp: "127.0.0.1:80", gra|ce: 5s}\n',
    'before the first look',
  ],
])('hovering over %s says what it means', async (name, product, words) => {
  const { uri, place } = await opened(`hover of ${name}`, product);
  expect(JSON.stringify(await server.ask('hover', uri, place))).toContain(words);
});

test.each([
  ['an unknown key', '    verison: "1"\n', /verison/],
  ['a version without quotes', '    version: 1.10\n', /string/],
  ['an unknown word', '    driftPolicy: fix\n', /correct/],
  ['an unknown key of a heartbeat', '    heartbeat: {htpp: "http://127.0.0.1/"}\n', /htpp/],
])('%s is underlined', async (name, product, words) => {
  const { messages } = await opened(name, product);
  expect(messages.join('\n')).toMatch(words);
});

interface Item {
  readonly label: string;
  readonly documentation?: unknown;
}

function itemsOf(completion: unknown): readonly Item[] {
  return (completion as { readonly items: readonly Item[] }).items;
}

const HEAD = [
  '# yaml-language-server: $schema=../../schemas/desired-state.schema.json',
  'apiVersion: bootstrap/v1',
  'server: {mode: production}',
  '',
].join('\n');

/** A document opened that ends in this text, mostly about one product; `|` marks a place in it and is taken out. */
async function opened(
  name: string,
  text: string,
  head = `${HEAD}products:\n  web:\n`,
): Promise<{
  readonly uri: string;
  readonly place: Position;
  readonly messages: readonly string[];
}> {
  const [before = ''] = (head + text).split('|');
  const lines = before.split('\n');
  const place = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  const uri = uriOf(name);
  return { uri, place, messages: await server.open(uri, (head + text).replace('|', '')) };
}

/** A document that is not on disk, in the folder of the quickstart: the schema is found from there. */
function uriOf(name: string): string {
  return pathToFileURL(resolve(`examples/quickstart/${name}.yaml`)).href;
}
