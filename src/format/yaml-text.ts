import type { AnnotatedNode } from '../model/annotated.ts';
import { escapeControls } from '../model/escape.ts';
import { isSettingMap, type SettingValue } from '../model/settings.ts';
import { scalarText, type ScalarValue } from './yaml-scalar.ts';

/** A YAML file of these nodes, in block style; what is read from it is what was given. Ends in a newline. */
export function writeYaml(nodes: readonly AnnotatedNode[]): string {
  return `${nodes.flatMap(linesOf).join('\n')}\n`;
}

const INDENT = '  ';

type Entry = Omit<Extract<AnnotatedNode, { readonly kind: 'entry' }>, 'kind'>;

function linesOf(node: AnnotatedNode): readonly string[] {
  switch (node.kind) {
    case 'entry':
      return entryLines(node);
    case 'map': {
      const opening = node.nodes.some(isInUse) ? ':' : ': {}';
      return [
        `${lineText(node.key)}${opening}${remarkText(node.remark)}`,
        ...indented(node.nodes.flatMap(linesOf)),
      ];
    }
    case 'remark':
      return [commentText(node.text)];
    case 'off':
      return node.nodes.flatMap(linesOf).map((line) => (line === '' ? '#' : `# ${line}`));
    case 'gap':
      return [''];
  }
}

function isInUse({ kind }: AnnotatedNode): boolean {
  return kind === 'entry' || kind === 'map';
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? '' : `${INDENT}${line}`));
}

function entryLines({ key, value, quotes, remark }: Entry): readonly string[] {
  const opening = `${lineText(key)}:`;
  if (typeof value !== 'object') {
    const text = quotes === 'always' ? quotedText(value) : lineText(value);
    return [`${opening} ${text}${remarkText(remark)}`];
  }
  if (!isSettingMap(value) || Object.keys(value).length === 0)
    return [`${opening} ${flowText(value)}${remarkText(remark)}`];
  const inner = Object.entries(value).flatMap(([name, each]) =>
    entryLines({ key: name, value: each, quotes, remark: undefined }),
  );
  return [`${opening}${remarkText(remark)}`, ...indented(inner)];
}

function remarkText(remark: string | undefined): string {
  return remark === undefined ? '' : `  ${commentText(remark)}`;
}

// Whatever a file or a script said stays on its line.
function commentText(text: string): string {
  return `# ${escapeControls(text)}`;
}

function lineText(value: ScalarValue): string {
  return scalarText(value, { quotes: 'none', inFlow: false });
}

function quotedText(value: ScalarValue): string {
  return scalarText(value, { quotes: 'double', inFlow: false });
}

function flowText(value: SettingValue): string {
  if (typeof value !== 'object') return scalarText(value, { quotes: 'none', inFlow: true });
  if (!isSettingMap(value)) return `[${value.map(flowText).join(', ')}]`;
  const entries = Object.entries(value).map(
    ([name, inner]) => `${flowText(name)}: ${flowText(inner)}`,
  );
  return `{${entries.join(', ')}}`;
}
