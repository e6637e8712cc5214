import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT_CODE_MEANINGS } from '../../src/model/failure.ts';

const readme = readFileSync('README.md', 'utf8');

test("the README's table of exit codes is the code's own", () => {
  const table = /<!-- exit-codes:[^>]*-->\n([\s\S]*?)<!-- \/exit-codes -->/.exec(readme)?.[1];
  const rows = EXIT_CODE_MEANINGS.map(({ code, meaning }) => `| ${code} | ${meaning} |\n`).join('');
  expect(table).toBe(`| code | meaning |\n| --- | --- |\n${rows}`);
});

test('every command that the README names exists', async () => {
  const folder = 'src/cli/program';
  const program = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
  const named = new Set(
    [...readme.matchAll(/^\| `bootstrap ([a-z.-]+)/gm)].map(([, name]) => name),
  );
  expect(named.size).toBeGreaterThan(0);
  for (const name of named)
    expect(program.join('\n'), `bootstrap ${name}`).toContain(`.command('${name}')`);
});
