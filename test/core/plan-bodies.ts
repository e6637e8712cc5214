import fc from 'fast-check';
import { makePlan, type PlanChoices } from '../../src/core/plan.ts';
import { planBody } from '../../src/core/render/plan-json.ts';
import type { ActionDocument, PlanBody } from '../../src/model/plan-document.ts';
import { parseWindow } from '../../src/core/window.ts';
import { anyServer } from './random-states.ts';
import { ALL_ALLOWED, allowing, given, type ServerCase } from './states.ts';

/** The plan of a server as data. */
export function bodyOf(server: ServerCase, choices: PlanChoices = ALL_ALLOWED): PlanBody {
  return planBody(makePlan(given(server), choices), { findings: [], originOf: undefined });
}

/** Choices under which nothing disruptive may be done now: it is the night before a Thursday. */
export const AT_NIGHT: PlanChoices = {
  ...ALL_ALLOWED,
  allow: {
    ...ALL_ALLOWED.allow,
    windows: [windowOf('Mon-Fri 22:00-04:00 UTC')],
    now: new Date('2026-11-22T12:00:00Z'),
  },
};

function windowOf(text: string) {
  const window = parseWindow(text);
  if (!window.ok) throw new Error(window.error);
  return window.value;
}

// What ends a row, a fence, a comment or a tag, names people, makes links and moves cursors.
const HOSTILE = [
  '|',
  '\\|',
  '\\',
  '`',
  '``',
  '```',
  '````',
  '@team',
  '#1',
  '!2',
  '/close',
  '<b>',
  '</details>',
  '-->',
  '<!--',
  '\n',
  '\r\n',
  '\n\n# x\n\n',
  '\n```\n',
  '[a](http://b.example)',
  'http://c.example',
  'www.d.example',
  'e@f.example',
  '\u202e',
  '\u001b[2J',
  '\ud800',
  '\u0000',
  '$x$',
  '*',
  '_',
  '~',
  '{{ x }}',
  '{% y %}',
  '&amp;',
  '"',
  ' ',
  '  ',
  '\t',
  'ünïcödé',
  '漢字',
  '😀',
  'x'.repeat(99),
];

/** A text that tries to be more than a text. */
export function anyText(): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 8 }));
  return fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
}

/** The plan of any server, as far as the type allows with texts in it that try to be more. */
export function anyBody(): fc.Arbitrary<PlanBody> {
  const choices = fc.constantFrom(ALL_ALLOWED, AT_NIGHT, allowing({}), allowing({ changesMax: 0 }));
  const texts = fc.array(anyText(), { minLength: 1, maxLength: 20 });
  return fc
    .tuple(anyServer(), choices, texts)
    .map(([server, chosen, all]) => spoilt(bodyOf(server, chosen), all));
}

function spoilt(body: PlanBody, texts: readonly string[]): PlanBody {
  let next = 0;
  const text = (): string => texts[next++ % texts.length] ?? '';
  const products = body.actions.map(({ product }) => product ?? 'haproxy');
  const spoil = (action: ActionDocument): ActionDocument => {
    const name = text();
    return {
      ...action,
      before: { ...action.before, [name]: text() },
      after: { ...action.after, [name]: [text(), 1, { [text()]: text() }] },
      sensitive: next % 2 === 0 ? [name] : [],
      undo: text(),
    };
  };
  return {
    ...body,
    desiredFiles: [text(), text()],
    partial: next % 3 === 0 ? { only: [text()], exclude: [text()], included: [text()] } : null,
    actions: body.actions.map(spoil),
    drift: body.drift.map((each) => ({ ...each, path: text(), applied: text(), actual: text() })),
    held: body.held.map((each) => ({ ...each, detail: text() })),
    files: products.map((product, index) => ({
      product,
      path: text(),
      diff: index % 3 === 0 ? null : `--- ${text()}\n+++ x\n@@ -1 +1 @@\n-${text()}\n+${text()}\n`,
    })),
    findings: texts
      .slice(0, 2)
      .map((summary) => ({ code: text(), summary, detail: [text()], fix: text() })),
  };
}
