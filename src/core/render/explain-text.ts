import { escapeControls } from '../../model/escape.ts';
import type { FieldExplanation, FieldSummary } from '../explain-field.ts';
import type { Explanation } from '../explanations/explanation.ts';
import type { Palette } from './palette.ts';
import { wrapText } from './wrap.ts';

/** How explanations are shown. */
export interface ExplainStyle {
  readonly palette: Palette;
  readonly width: number;
}

/** A code in words, with an example. */
export interface ExplainedCode {
  readonly code: string;
  /** Undefined where the code is that of a mistake in a file. */
  readonly exitCode: number | undefined;
  readonly explanation: Explanation;
}

/** A code for people: what it means, an example of wrong and right, what to do. Ends in a newline. */
export function renderCode(
  { code, exitCode, explanation }: ExplainedCode,
  style: ExplainStyle,
): string {
  const { palette } = style;
  const { meaning, wrong, right, fix } = explanation;
  const exit = exitCode === undefined ? '' : palette.faint(`  (exit code ${exitCode})`);
  return sections([
    `${palette.bad(code)}${exit}`,
    indented(meaning, style),
    `${palette.strong('Wrong:')}\n${verbatim(wrong)}`,
    `${palette.strong('Right:')}\n${verbatim(right)}`,
    `${palette.strong('What to do:')}\n${indented(fix, style)}`,
  ]);
}

/** A field for people: type, meaning, what is allowed, default, and the fields one level down. Ends in a newline. */
export function renderField(field: FieldExplanation, style: ExplainStyle): string {
  const { palette } = style;
  const { name, allowed, description, note, fields } = field;
  const value = field.default === undefined ? [] : [`  ${JSON.stringify(field.default)}`];
  const parts = [
    `${palette.strong(escapeControls(name))}  ${typeText(field, palette)}`,
    description === undefined ? '' : indented(description, style),
    listed(
      'Allowed:',
      allowed.flatMap((each) => lines(each, style, '  ')),
      palette,
    ),
    listed('Default:', value, palette),
    listed(
      'Fields:',
      fields.flatMap((each) => fieldLines(each, style)),
      palette,
    ),
    note === undefined ? '' : indented(note, style),
  ];
  return sections(parts.filter((part) => part !== ''));
}

/** The fields at the top of a desired state, and all codes in short. Ends in a newline. */
export function renderOverview(
  field: FieldExplanation,
  codes: readonly { readonly code: string; readonly meaning: string }[],
  style: ExplainStyle,
): string {
  const { palette } = style;
  const codeLines = codes.flatMap(({ code, meaning }) => [
    `  ${palette.strong(code)}`,
    ...lines(meaning, style, '      '),
  ]);
  return sections([
    listed(
      'Fields of a desired state (bootstrap explain PATH):',
      field.fields.flatMap((each) => fieldLines(each, style)),
      palette,
    ),
    listed('Codes (bootstrap explain CODE):', codeLines, palette),
  ]);
}

function fieldLines(field: FieldSummary, style: ExplainStyle): readonly string[] {
  const { palette } = style;
  const head = `  ${palette.strong(escapeControls(field.name))}  ${typeText(field, palette)}`;
  return [
    head,
    ...lines(field.description ?? '', style, '      ').filter((line) => line.trim() !== ''),
  ];
}

function typeText({ type, required }: FieldSummary, palette: Palette): string {
  return palette.faint(`<${escapeControls(type)}>${required ? ' required' : ''}`);
}

function listed(title: string, list: readonly string[], palette: Palette): string {
  return list.length === 0 ? '' : [palette.strong(title), ...list].join('\n');
}

function indented(text: string, style: ExplainStyle): string {
  return lines(text, style, '  ').join('\n');
}

function lines(text: string, { width }: ExplainStyle, indent: string): readonly string[] {
  return wrapText(escapeControls(text.replaceAll('\n', ' ')), width - indent.length).map(
    (line) => `${indent}${line}`,
  );
}

function verbatim(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${escapeControls(line)}`)
    .join('\n');
}

function sections(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
