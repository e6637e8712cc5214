import { describe, expect, test } from 'vitest';
import { diagnosticsDocument, renderDiagnostics } from '../../src/core/render/diagnostics-text.ts';
import { plainPalette } from '../../src/core/render/palette.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';

/** A diagnostic that marks `word` in `line`. */
function marking(word: string, line: string, changed: Partial<Diagnostic> = {}): Diagnostic {
  const column = line.indexOf(word) + 1;
  return {
    code: 'unknown-key',
    severity: 'error',
    summary: `unknown key "${word}"`,
    detail: undefined,
    span: { file: 'site.yaml', line: 14, column, endColumn: column + word.length },
    sourceLine: line,
    fix: undefined,
    ...changed,
  };
}

const render = (diagnostic: Diagnostic, width = 80) =>
  renderDiagnostics([diagnostic], { palette: plainPalette, width });

describe('a diagnostic as text', () => {
  test('says where, what, why and what to do', () => {
    const diagnostic = marking('maxcon', '    maxcon: 4000', {
      detail: 'allowed here: maxconn',
      fix: 'did you mean "maxconn"?',
    });
    expect(render(diagnostic)).toBe(
      [
        'site.yaml:14:5: error[unknown-key] unknown key "maxcon"',
        '  14 |     maxcon: 4000',
        '     |     ^^^^^^',
        '  allowed here: maxconn',
        '  fix: did you mean "maxconn"?',
        '',
      ].join('\n'),
    );
  });

  test('needs neither a place nor anything else', () => {
    expect(
      render(marking('x', 'x', { span: undefined, sourceLine: undefined, severity: 'warning' })),
    ).toBe('warning[unknown-key] unknown key "x"\n');
    expect(renderDiagnostics([], { palette: plainPalette, width: 80 })).toBe('');
  });

  test.each([
    ['tabs', '\t\tword', '  14 |   word\n     |   ^^^^\n'],
    ['wide characters', 'a: 日本 word', '  14 | a: 日本 word\n     |         ^^^^\n'],
    ['marks on letters', 'e\u0301 word', '  14 | e\u0301 word\n     |   ^^^^\n'],
    ['control characters', '\x1b[31m word', '  14 | \\x1b[31m word\n     |          ^^^^\n'],
    ['marks of writing direction', '\u202e word', '  14 | \\u202e word\n     |        ^^^^\n'],
  ])('keeps its carets under the word after %s', (_, line, expected) => {
    expect(render(marking('word', line))).toContain(expected);
  });

  test('prints no control character that came from the file', () => {
    const evil = 'a\x1b]0;x\x07\rb\n\u202e';
    const text = render(marking(evil, `k: ${evil}`, { summary: evil, detail: evil, fix: evil }));
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text.trimEnd().split('\n')).toHaveLength(5);
  });

  test.each([
    ['in the middle', `${'a'.repeat(5000)} word ${'b'.repeat(5000)}`],
    ['at the start', `word ${'b'.repeat(5000)}`],
    ['at the end', `${'a'.repeat(5000)} word`],
  ])('cuts a long line around a word %s', (_, line) => {
    const [, shown = '', carets = ''] = render(marking('word', line), 60).split('\n');
    expect(shown.length).toBeLessThanOrEqual(62);
    expect(shown.slice(carets.indexOf('^'), carets.length)).toBe('word');
  });

  test('a word longer than the line is cut too', () => {
    const [, shown = '', carets = ''] = render(
      marking('w'.repeat(5000), `a: ${'w'.repeat(5000)}`),
      60,
    ).split('\n');
    expect([shown.length, carets.length].every((length) => length <= 62)).toBe(true);
  });
});

test.each([
  ['url: "http://u:hush@10.0.0.1/x"', 'url: "http://******@10.0.0.1/x"'],
  ['a: https://tok@en@host, b: ssh://me@host', 'a: https://******@host, b: ssh://**@host'],
  ['mail: me@host, url: http://host/a@b', 'mail: me@host, url: http://host/a@b'],
])('the credentials of a URL are not shown: %s', (line, shown) => {
  expect(render(marking(line.slice(0, 1), line))).toContain(`  14 | ${shown}\n`);
});

test('a diagnostic as JSON has the same facts', () => {
  const found = marking('maxcon', '    maxcon: 4000', { fix: 'did you mean "maxconn"?' });
  expect(diagnosticsDocument([found, { ...found, span: undefined, fix: undefined }])).toEqual({
    schema: 'bootstrap.diagnostics/1',
    diagnostics: [
      {
        code: 'unknown-key',
        severity: 'error',
        summary: 'unknown key "maxcon"',
        detail: null,
        range: { file: 'site.yaml', start: { line: 14, column: 5 }, end: { line: 14, column: 11 } },
        fix: 'did you mean "maxconn"?',
      },
      {
        code: 'unknown-key',
        severity: 'error',
        summary: 'unknown key "maxcon"',
        detail: null,
        range: null,
        fix: null,
      },
    ],
  });
});
