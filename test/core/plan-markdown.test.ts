import fc from 'fast-check';
import * as prettierMarkdown from 'prettier/plugins/markdown';
import type { ParserOptions } from 'prettier';
import { describe, expect, test } from 'vitest';
import { renderPlanMarkdown } from '../../src/core/render/plan-markdown.ts';
import type { FileDocument, PlanBody } from '../../src/model/plan-document.ts';
import { RICH_BODY } from './events.ts';
import { anyBody, anyText, AT_NIGHT, bodyOf } from './plan-bodies.ts';
import { ALL_ALLOWED, allowing, at, selecting } from './states.ts';

/** What a comment on GitHub holds; source: docs.github.com, the error "body is too long (maximum is 65536 characters)". */
const LENGTH_MAX = 65_000;

const options = { marker: 'web-1', host: 'web-1' };

const RICH = `<!-- bootstrap-plan: web-1 -->

### Plan: 5 to do (1 provision, 1 upgrade, 2 set, 1 mode), 2 blocked, 1 unchanged.

For \`web-1\`, from \`desired-state.yaml\`.

| Action | Product | Change | Reason | Certainty |
| --- | --- | --- | --- | --- |
| \`! downgrade\` | \`database\` | \`2.0 -> 1.0\` | **BLOCKED**: a downgrade needs \`--allow-downgrade database\` | opaque |
| \`! provision\` | \`deepfiler\` | \`(none) -> 7\`<br>\`with 1 setting\` | **BLOCKED**: waits for \`database/downgrade\`, which is blocked | opaque |
| \`+ provision\` | \`gateway\` | \`(none) -> 1\`<br>\`with 2 settings\` | not installed | opaque |
| \`^ upgrade\` | \`haproxy\` | \`2.6.12-1 -> 2.6.12-1+deb12u4\` | version differs | opaque |
| \`~ set\` | \`haproxy\` | \`maxconn 100 -> 2000\`<br>\`tls.ciphers (none) -> ["one","two"]\` | settings differ, both | exact |
| \`~ set\` | \`mailer\` | \`repository (none) -> trixie\` | repository differs | exact |
| \`> mode\` | server | \`idle -> production\` | mode differs | opaque |

**Drift: changed on the server since the last apply**

| Drift | Last applied -> found | What is done |
| --- | --- | --- |
| \`haproxy.maxconn\` | \`2000 -> 100\` | to be corrected |

**Left alone**

- \`scanner\`: unreadable: \`version: permission denied\`
- \`printer\`: suspended: \`suspend: true in the desired state\`
`;

const FENCED = `<details><summary><code>/etc/a.conf</code> changes</summary>

\`\`\`\`diff
--- /etc/a.conf
+++ /etc/a.conf
@@ -1,1 +1,1 @@
-a
+\`\`\`
\`\`\`\`

</details>

\`/etc/b.conf\` changes (it may hold secrets: its differences are not shown).
`;

function fileOf(path: string, diff: string | null): FileDocument {
  return { product: 'web', path, diff };
}

describe('a plan as Markdown', () => {
  test('has what a reviewer decides by', () => {
    const body = {
      ...RICH_BODY,
      files: [
        fileOf('/etc/a.conf', '--- /etc/a.conf\n+++ /etc/a.conf\n@@ -1,1 +1,1 @@\n-a\n+```\n'),
        fileOf('/etc/b.conf', null),
      ],
    };
    expect(renderPlanMarkdown(body, options)).toBe(`${RICH}\n${FENCED}`);
  });

  test('says what would fail before all else', () => {
    const findings = [
      { code: 'config-refused', summary: 'refused', detail: ['line | 3'], fix: 'mend it' },
      { code: 'disk-full', summary: 'no room', detail: [], fix: null },
    ];
    expect(renderPlanMarkdown({ ...RICH_BODY, findings }, options)).toContain(`
For \`web-1\`, from \`desired-state.yaml\`.

**Warning: found before anything was done**

- \`config-refused\`: \`refused\`
  - \` line  \`&#124;\`  3 \`
  - **fix:** \`mend it\`
- \`disk-full\`: \`no room\`

| Action |`);
  });

  test.each<[string, PlanBody, readonly string[]]>([
    [
      'what waits for its time',
      bodyOf({ products: { web: { version: '2', found: at('1') } } }, AT_NIGHT),
      [
        '### Plan: 0 to do, 1 deferred, 0 unchanged.',
        '| `z upgrade` | `web` | `1 -> 2` | **DEFERRED** until `2026-11-23 22:00 UTC` (window `"Mon-Fri 22:00-04:00 UTC"`) | opaque |',
      ],
    ],
    [
      'which part it is',
      bodyOf(
        { products: { db: { found: 'nothing' }, web: {} } },
        { ...ALL_ALLOWED, selection: selecting('--only web') },
      ),
      [
        '### No changes in this part of the plan.',
        '**Partial plan: `--only web`; it says nothing of the other products.**',
        '- `db`: not selected: `not among --only web`',
      ],
    ],
    [
      'that nothing is to do',
      bodyOf({ products: { web: {} } }),
      ['### No changes. The server matches `desired-state.yaml`.'],
    ],
    [
      'what is not removed',
      bodyOf(
        { policy: { prune: true }, products: { web: {} }, leftovers: { nginx: {} } },
        allowing({}),
      ),
      ['**BLOCKED**: a removal needs `--allow-remove nginx` |'],
    ],
    [
      'only the first of very many desired states',
      { ...RICH_BODY, desiredFiles: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
      ['For `web-1`, from `a` + `b` + `c` + `d` + `e` + `2 more`.'],
    ],
  ])('says %s', (_, body, texts) => {
    const lines = renderPlanMarkdown(body, options);
    for (const text of texts) expect(lines).toContain(text);
  });

  test('gives no line of a diff that is none to those who look for commands', () => {
    const files = [fileOf('/a', '--- a\n+++ a\n```\n/close\n\n-b\n')];
    expect(renderPlanMarkdown({ ...RICH_BODY, files }, options)).toContain(
      '````diff\n--- a\n+++ a\n ```\n /close\n\n-b\n````\n',
    );
  });

  test('begins with a comment that nothing in the marker ends', () => {
    const [first = ''] = renderPlanMarkdown(RICH_BODY, { ...options, marker: 'a -->\n<b>' }).split(
      '\n',
    );
    expect(first).toBe('<!-- bootstrap-plan: a --%3e%a%3cb%3e -->');
  });
});

const BIG_DIFF = `--- a\n+++ a\n${'+x\n'.repeat(15_000)}`;

describe('a plan too long for a comment', () => {
  test('loses whole differences first, and says of how many files', () => {
    const files = [
      fileOf('/a', BIG_DIFF),
      fileOf('/b', BIG_DIFF),
      fileOf('/c', '--- c\n+++ c\n+x\n'),
    ];
    const text = renderPlanMarkdown({ ...RICH_BODY, files }, options);
    expect(text.length).toBeLessThanOrEqual(LENGTH_MAX);
    expect(text.startsWith(RICH)).toBe(true);
    expect(text).toContain('<code>/a</code>');
    expect(text).not.toContain('<code>/b</code>');
    expect(text).toContain('<code>/c</code>');
    expect(text).toContain(
      'Of 3 config files that change, the differences of 1 are left out here: there is no room for them.\n',
    );
  });

  test('loses actions then, and says how many', () => {
    const action = bodyOf({ products: { web: { found: 'nothing' } } }).actions[0];
    if (action === undefined) throw new Error('there is nothing to do');
    const body = {
      ...RICH_BODY,
      actions: Array.from({ length: 3000 }, () => action),
      drift: Array.from({ length: 3000 }, () => RICH_BODY.drift).flat(),
      held: Array.from({ length: 3000 }, (_, index) => ({
        product: null,
        why: 'unreadable' as const,
        detail: `fact ${index}`,
      })),
      findings: Array.from({ length: 3000 }, () => ({
        code: 'disk-full',
        summary: 'no room',
        detail: [],
        fix: null,
      })),
      files: [fileOf('/a', BIG_DIFF)],
    };
    const text = renderPlanMarkdown(body, options);
    expect(text.length).toBeLessThanOrEqual(LENGTH_MAX);
    expect(text.length).toBeGreaterThan(LENGTH_MAX - 1000);
    const shown = text.split('\n').filter((line) => line.startsWith('| `+ provision`')).length;
    expect(shown).toBeGreaterThan(100);
    expect(text).toContain(`\nOf 3000 actions, ${3000 - shown} are left out here.\n`);
    expect(text).toContain('the differences of 1 are left out here');
    expect(text).toMatch(/\nOf 3000 values that drifted, \d+ are left out here\.\n/);
    expect(text).toMatch(/\nOf what is left alone, \d+ are left out here\.\n/);
    expect(text).toMatch(/of the problems found, \d+ are left out here\.\n/);
  });

  test('is short enough at its very longest', () => {
    const text = '|`'.repeat(50_000);
    const body: PlanBody = {
      ...RICH_BODY,
      desiredFiles: Array.from({ length: 100 }, () => text),
      partial: { only: [text], exclude: [text], included: [text] },
      actions: RICH_BODY.actions.map((action) => ({ ...action, after: { [text]: text } })),
      findings: [{ code: text, summary: text, detail: [text], fix: text }],
      held: [{ product: text, why: 'unreadable', detail: text }],
      drift: [{ product: text, path: text, applied: text, actual: text, policy: 'report' }],
      files: [fileOf(text, text)],
    };
    const whole = renderPlanMarkdown(body, { marker: '\u{10ffff}'.repeat(99_999), host: text });
    expect(whole.length).toBeLessThanOrEqual(LENGTH_MAX);
  });
});

test('whatever is written into it, a plan is the Markdown that it is meant to be', async () => {
  await fc.assert(
    fc.asyncProperty(anyBody(), anyText(), async (body, name) => {
      const text = renderPlanMarkdown(body, { marker: name, host: name });
      expect(text.length).toBeLessThanOrEqual(LENGTH_MAX);
      const nodes = await treeOf(text);
      const rows = [body.actions, body.drift].map(({ length }) => length);
      expect(tableRows(nodes)).toEqual(rows.filter((length) => length > 0));
      for (const { type, children = [] } of nodes)
        if (type === 'tableRow') expect([3, 5]).toContain(children.length);
      const diffs = body.files.filter(({ diff }) => diff !== null);
      expect(nodes.filter(({ type }) => type === 'code')).toHaveLength(diffs.length);
      expect(nodes.filter(({ type }) => !OURS.has(type))).toEqual([]);
      const own = nodes.filter(({ type }) => type === 'html' || type === 'text');
      for (const { value = '' } of own) expect(value).toMatch(OUR_TEXT);
      expect(text).not.toMatch(/^\//m);
    }),
    { numRuns: 60 },
  );
});

/** All that we write: no links, no pictures, no headings but one, nothing that a text from outside made. */
const OURS = new Set(
  'root html heading text inlineCode paragraph table tableRow tableCell strong list listItem code break sentence word whitespace'.split(
    ' ',
  ),
);
const OUR_TEXT =
  /^(?:<!-- bootstrap-plan: [\w ./:%-]*-->|<br>|<details><summary><code>[^<>]*<\/code> changes<\/summary>|<\/details>|[\w .,:;()+>|/-]+)$/;

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}

/** Every node of the document, by a parser of GitHub's Markdown (remark, as prettier has it). */
async function treeOf(text: string): Promise<readonly Node[]> {
  const { markdown } = prettierMarkdown.parsers;
  const root = (await markdown.parse(text, {} as ParserOptions)) as Node;
  const all = (node: Node): readonly Node[] => [node, ...(node.children ?? []).flatMap(all)];
  return all(root);
}

/** How many rows each table has, its head aside. */
function tableRows(nodes: readonly Node[]): readonly number[] {
  return nodes
    .filter(({ type }) => type === 'table')
    .map(({ children = [] }) => children.length - 1);
}
