import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderPlanMermaid } from '../../src/core/render/plan-mermaid.ts';
import type { PlanBody } from '../../src/model/plan-document.ts';
import { RICH_BODY } from './events.ts';
import { anyBody, anyText, AT_NIGHT, bodyOf } from './plan-bodies.ts';
import { at } from './states.ts';

const RICH = `flowchart LR
  n1["#33; downgrade database 2.0 -#62; 1.0"]:::blocked
  n2["#33; provision deepfiler #40;none#41; -#62; 7"]:::blocked
  n3["#43; provision gateway #40;none#41; -#62; 1"]:::action
  n4["#94; upgrade haproxy 2.6.12-1 -#62; 2.6.12-1#43;deb12u4"]:::action
  n5["#126; set haproxy"]:::action
  n6["#126; set mailer"]:::action
  n7["#62; mode server idle -#62; production"]:::action
  n8["verify gateway"]:::verify
  n9["verify haproxy"]:::verify
  n1 --> n2
  n4 --> n5
  n1 --> n7
  n2 --> n7
  n3 --> n7
  n5 --> n7
  n6 --> n7
  n7 --> n8
  n7 --> n9
  classDef action stroke-width:2px
  classDef blocked stroke-dasharray:6 4
  classDef verify stroke-width:1px,stroke-dasharray:1 3
`;

describe('a plan as a flowchart', () => {
  test('has a box an action and an arrow where one waits for another', () => {
    expect(renderPlanMermaid(RICH_BODY)).toBe(RICH);
  });

  test('has a box also where nothing is to do', () => {
    expect(renderPlanMermaid(bodyOf({ products: { web: {} } }))).toContain(
      'flowchart LR\n  n1["No changes. The server matches desired-state.yaml."]:::action\n  classDef',
    );
  });

  test('shows what waits for its time by its symbol and a dashed line', () => {
    const body = bodyOf({ products: { web: { version: '2', found: at('1') } } }, AT_NIGHT);
    expect(renderPlanMermaid(body)).toContain('n1["z upgrade web 1 -#62; 2"]:::blocked\n');
  });

  test('leaves out arrows from what is not in the plan, and the end of long labels', () => {
    const [action] = bodyOf({ products: { web: { found: 'nothing' } } }).actions;
    if (action === undefined) throw new Error('there is nothing to do');
    const long = { ...action, product: 'x'.repeat(99), dependsOn: ['db/verify'] };
    const chart = renderPlanMermaid({ ...RICH_BODY, actions: [long], verify: [] });
    expect(chart).not.toContain('-->');
    expect(chart).toContain(`n1["#43; provision ${'x'.repeat(65)}..."]:::action`);
  });

  // Of its grammar, what is used here; source: mermaid.js.org, "Flowcharts".
  const LINE =
    /^(?:flowchart LR| {2}n\d+\["(?:[A-Za-z](?:[\w .,/-]|#\d+;)*|#\d+;(?:[\w .,/-]|#\d+;)*)"\]:::(?:action|blocked|verify)| {2}n\d+ --> n\d+| {2}classDef \w+ [\w:, -]+)$/;

  test('is one, whatever is written into the plan', () => {
    fc.assert(
      fc.property(anyBody(), anyText(), (body, text) => {
        const chart = renderPlanMermaid(named(body, text));
        const lines = chart.trimEnd().split('\n');
        for (const line of lines) expect(line).toMatch(LINE);
        const boxes = lines.filter((line) => line.includes(':::'));
        const nodes = body.actions.length === 0 ? 1 : body.actions.length + body.verify.length;
        expect(boxes).toHaveLength(nodes);
        const ids = new Set(boxes.map((line) => line.trim().replace(/\[.*/, '')));
        for (const arrow of lines.filter((line) => line.includes('-->')))
          for (const id of arrow.trim().split(' --> ')) expect(ids).toContain(id);
      }),
    );
  });

  function named(body: PlanBody, text: string): PlanBody {
    return { ...body, actions: body.actions.map((action) => ({ ...action, product: text })) };
  }
});
