import { describe, expect, test } from 'vitest';
import { renderDiagnosticsForGithub } from '../../src/core/render/diagnostics-github.ts';
import { githubCommand, githubGroup } from '../../src/core/render/github-command.ts';
import { plainPalette } from '../../src/core/render/palette.ts';
import { renderPlanForGithub } from '../../src/core/render/plan-github.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { RICH_BODY } from './events.ts';
import { DIAGNOSTIC } from './failures.ts';

const render = (...diagnostics: readonly Diagnostic[]) =>
  renderDiagnosticsForGithub(diagnostics, {
    pathOf: (file) => `deploy/${file}`,
    token: 'TOKEN',
    width: 80,
  });

describe('a diagnostic for GitHub', () => {
  test('is an annotation at its place, its last column being that of the last character', () => {
    expect(render(DIAGNOSTIC)).toBe(
      '::error file=deploy/site.yaml,line=14,col=5,endColumn=10,title=unknown-key::' +
        'unknown key "maxcon"%0Aallowed here: maxconn%0Afix: did you mean "maxconn"?\n',
    );
  });

  test('without a place is an annotation of the step', () => {
    const nowhere = { ...DIAGNOSTIC, span: undefined, detail: undefined, fix: undefined };
    expect(render({ ...nowhere, severity: 'warning' })).toBe(
      '::warning title=unknown-key::unknown key "maxcon"\n',
    );
  });

  test('marks at least one character', () => {
    const span = { file: 'a', line: 1, column: 7, endColumn: 7 };
    expect(render({ ...DIAGNOSTIC, span })).toContain('col=7,endColumn=7,');
  });

  test('is one line, whatever people wrote into their files', () => {
    const evil = '100%\r\n::error::x\x1b[2J\u202e,:%0A';
    const text = render({
      ...DIAGNOSTIC,
      code: 'a,b:c%\n',
      summary: evil,
      detail: evil,
      fix: evil,
      span: { file: evil, line: 1, column: 1, endColumn: 2 },
    });
    expect(text.trimEnd()).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text).toContain('title=a%2Cb%3Ac%25%0A::');
    expect(text).toContain('file=deploy/100%25\\x0d\\x0a%3A%3Aerror%3A%3Ax\\x1b[2J');
    expect(text).toContain('::100%25\\x0d%0A::error::x\\x1b[2J\\u202e,:%250A%0A100%25');
  });

  test('is there, up to the ten of a kind that GitHub shows; the others are text, and counted', () => {
    const many = Array.from({ length: 13 }, (_, index) => ({
      ...DIAGNOSTIC,
      summary: `number ${index + 1}`,
    }));
    const warning = { ...DIAGNOSTIC, severity: 'warning', summary: 'a warning' } as const;
    const lines = render(...many, warning).split('\n');
    expect(lines.filter((line) => line.startsWith('::error '))).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith('::warning '))).toHaveLength(1);
    expect(
      lines.filter((line) => /^site\.yaml:14:5: error.* number 1[123]$/.test(line)),
    ).toHaveLength(3);
    expect(lines.slice(11, 13)).toEqual(['::group::3 more problem(s)', '::stop-commands::TOKEN']);
    expect(lines.slice(-4)).toEqual([
      '::TOKEN::',
      '::endgroup::',
      '14 problems; GitHub shows 10 of a kind for a step.',
      '',
    ]);
    expect(
      render(...many.slice(0, 10))
        .trimEnd()
        .split('\n'),
    ).toHaveLength(10);
  });

  test('is nothing where there is none', () => {
    expect(render()).toBe('');
  });
});

test('a plan is its text in a fold, where nothing is a command, and its sum as a notice', () => {
  const text = renderPlanForGithub(RICH_BODY, {
    palette: plainPalette,
    verbose: true,
    token: 'TOKEN',
    width: undefined,
  });
  const lines = text.trimEnd().split('\n');
  expect(lines.slice(0, 2)).toEqual(['::group::bootstrap plan', '::stop-commands::TOKEN']);
  expect(lines.slice(-3, -1)).toEqual(['::TOKEN::', '::endgroup::']);
  expect(lines.at(-1)).toMatch(/^::notice title=bootstrap plan::Plan: \d+ to do .*unchanged\.$/);
  expect(lines.filter((line) => line.startsWith('::'))).toHaveLength(5);
});

test('a fold ends on a line of its own', () => {
  expect(githubGroup('a%b', 'text', 'T')).toBe(
    '::group::a%25b\n::stop-commands::T\ntext\n::T::\n::endgroup::\n',
  );
});

test('a command without properties has none', () => {
  expect(githubCommand('notice', { title: undefined }, '')).toBe('::notice::\n');
});
