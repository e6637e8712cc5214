import { escapeControls } from '../../model/escape.ts';
import type { PlanBody } from '../../model/plan-document.ts';
import { actionWord, changeText, namesIn, planSentence } from './plan-words.ts';

/**
 * The order in which a plan is carried out, as a Mermaid flowchart: actions, and the heartbeats that are asked after them. Ends in
 * a newline.
 */
export function renderPlanMermaid(body: PlanBody): string {
  const nodes = nodesOf(body);
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index + 1}`]));
  const boxes = nodes.map(({ id, text, look }) => `${names.get(id)}["${label(text)}"]:::${look}`);
  const arrows = nodes.flatMap(({ id, dependsOn }) =>
    dependsOn.flatMap((other) => {
      const from = names.get(other);
      return from === undefined ? [] : [`${from} --> ${names.get(id)}`];
    }),
  );
  const lines = [...boxes, ...arrows, ...LOOKS].map((line) => `  ${line}\n`);
  return `flowchart LR\n${lines.join('')}`;
}

interface Node {
  readonly id: string;
  readonly text: string;
  readonly look: 'action' | 'blocked' | 'verify';
  readonly dependsOn: readonly string[];
}

function nodesOf(body: PlanBody): readonly Node[] {
  const actions = body.actions.map((action): Node => {
    const { id, product, blockedBy, dependsOn } = action;
    const moves = namesIn(action).filter((name) => name === 'version' || name === 'mode');
    const words = [
      actionWord(action),
      product ?? 'server',
      ...moves.map((name) => changeText(action, name)),
    ];
    const look = blockedBy === null ? 'action' : 'blocked';
    return { id, text: words.join(' '), look, dependsOn };
  });
  const verify = body.verify.map(({ id, product, dependsOn }): Node => {
    return { id, text: `verify ${product}`, look: 'verify', dependsOn };
  });
  if (actions.length > 0) return [...actions, ...verify];
  // A chart of nothing would be an error.
  return [{ id: '', text: planSentence(body), look: 'action', dependsOn: [] }];
}

// By lines alone, so that it reads on paper and on any ground.
const LOOKS = [
  'classDef action stroke-width:2px',
  'classDef blocked stroke-dasharray:6 4',
  'classDef verify stroke-width:1px,stroke-dasharray:1 3',
];

/** Longer labels make a chart that nobody can look at. */
const LABEL_MAX = 80;

/**
 * A text that Mermaid shows as it is. What begins with a mark would be taken for a list. Source: mermaid.js.org, "Flowcharts",
 * "Entity codes to escape characters".
 */
function label(text: string): string {
  const shown = text.length <= LABEL_MAX ? text : `${text.slice(0, LABEL_MAX - 3)}...`;
  return escapeControls(shown).replaceAll(
    /^[^A-Za-z]|[^A-Za-z0-9 .,/-]/gu,
    (each) => `#${each.codePointAt(0)};`,
  );
}
