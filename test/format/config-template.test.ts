import { describe, expect, test } from 'vitest';
import { renderConfig } from '../../src/format/config.ts';
import { parseProductName, parseVersion } from '../../src/model/ids.ts';
import type { SettingMap } from '../../src/model/settings.ts';

const FILE = '/etc/bootstrap/haproxy.cfg.tmpl';

test('a template knows settings, product, version, mode and root', async () => {
  const text = `# {{ product }} {{ version }} in {{ mode }} under "{{ root }}"
{%- for server in settings.servers %}
server {{ server.name }} {{ server.address }}{% if settings.tls.on %} ssl{% endif %}
{%- endfor %}
maxconn {{ settings.maxconn | default: 100 }}; timeout {{ settings.timeout | default: "5s" }}
`;
  const settings = {
    maxconn: 2000,
    tls: { on: true },
    servers: [
      { name: 'a', address: '10.0.0.1:80' },
      { name: 'b', address: '10.0.0.2:80' },
    ],
  };
  expect(await rendered(text, settings)).toBe(`# haproxy 2.6.12 in production under "/srv/x"
server a 10.0.0.1:80 ssl
server b 10.0.0.2:80 ssl
maxconn 2000; timeout 5s
`);
});

describe('refused, with its place in the template:', () => {
  test.each([
    [
      'an unknown setting',
      'a\n  {{ settings.maxcon }}',
      'template-unknown-variable',
      '2:6-21',
      'undefined variable: settings.maxcon',
    ],
    [
      'an unknown variable',
      '{{ host }}',
      'template-unknown-variable',
      '1:4-8',
      'undefined variable: host',
    ],
    [
      'what a prototype has',
      '{{ settings.constructor }}',
      'template-unknown-variable',
      '1:4-24',
      'undefined variable',
    ],
    [
      'an unknown filter',
      '{{ settings.maxconn | shout }}',
      'template-invalid',
      '1:1-31',
      'undefined filter: shout',
    ],
    ['an unknown tag', 'x\n\n{% foo %}', 'template-invalid', '3:1-10', 'tag "foo" not found'],
    [
      'a tag without its end',
      '{% if settings.maxconn %}',
      'template-invalid',
      '1:1-26',
      'not closed',
    ],
    [
      'an output without its end',
      '{{ settings.maxconn',
      'template-invalid',
      '1:1-20',
      'not closed',
    ],
    ['a map as text', '{{ settings.tls }}', 'template-invalid', '1:1-19', ''],
    [
      'another file',
      '{% include "/etc/passwd" %}',
      'template-invalid',
      '1:1-28',
      'tag "include" not found',
    ],
    [
      'another file, rendered',
      '{% render "/etc/passwd" %}',
      'template-invalid',
      '1:1-27',
      'tag "render" not found',
    ],
    [
      'a layout',
      '{% layout "/etc/passwd" %}',
      'template-invalid',
      '1:1-27',
      'tag "layout" not found',
    ],
    [
      'the clock',
      '{{ "now" | date: "%s" }}',
      'template-invalid',
      '1:1-25',
      'undefined filter: date',
    ],
    [
      'dice',
      '{{ settings.servers | sample }}',
      'template-invalid',
      '1:1-32',
      'undefined filter: sample',
    ],
    [
      'a loop without an end in sight',
      '{% for i in (1..100000000) %}{{ i }}{% endfor %}',
      'template-invalid',
      '1:1-30',
      'limit exceeded',
    ],
    [
      'a loop in a loop',
      '{% for i in (1..4000) %}{% for j in (1..4000) %}{% endfor %}{% endfor %}',
      'template-invalid',
      '1:25-49',
      'limit exceeded',
    ],
  ])('%s', async (...[, text, code, place, summary]) => {
    const problem = await refused(text);
    expect(problem).toMatchObject({ code, severity: 'error' });
    expect(`${problem.span?.line}:${problem.span?.column}-${problem.span?.endColumn}`).toBe(place);
    expect(problem.span?.file).toBe(FILE);
    expect(problem.summary).toContain(summary);
    expect(problem.summary).not.toMatch(/line:\d/);
    expect(problem.sourceLine).toBe(text.split('\n')[(problem.span?.line ?? 0) - 1]);
  });

  test('one that is too large', async () => {
    expect(await refused('x'.repeat(1_000_001))).toMatchObject({ code: 'template-too-large' });
  });
});

test('a value is text: what looks like a tag in it is not run', async () => {
  expect(await rendered('{{ settings.v }}', { v: '{{ root }}{% foo %}' })).toBe(
    '{{ root }}{% foo %}',
  );
});

test('a version that is not known is an unknown variable', async () => {
  const result = await render('{{ version }}', {}, undefined);
  expect(result).toMatchObject({
    ok: false,
    error: [{ diagnostic: { code: 'template-unknown-variable' } }],
  });
});

async function render(text: string, settings: SettingMap, version: string | undefined) {
  const product = parseProductName('haproxy');
  if (product === undefined) throw new Error('no name');
  return renderConfig('template', {
    product,
    version: version === undefined ? undefined : parseVersion(version),
    mode: 'production',
    root: '/srv/x',
    settings,
    template: { file: FILE, text },
  });
}

async function rendered(text: string, settings: SettingMap): Promise<string> {
  const result = await render(text, settings, '2.6.12');
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

async function refused(text: string) {
  const tls: SettingMap = Object.assign(Object.create(null), { on: true });
  const result = await render(text, { maxconn: 1, tls, servers: [1, 2] }, '2.6.12');
  if (result.ok) throw new Error(`was rendered to ${result.value}`);
  const [problem] = result.error;
  if (problem?.at !== 'template') throw new Error('no place in the template');
  return problem.diagnostic;
}
