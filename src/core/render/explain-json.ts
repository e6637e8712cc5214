import type { FieldExplanation, FieldSummary } from '../explain-field.ts';
import type { ExplainedCode } from './explain-text.ts';

/** What `bootstrap explain --format json` prints; null where nothing is known. */
export type ExplainDocument = { readonly schema: 'bootstrap.explain/1' } & Readonly<
  Record<string, unknown>
>;

/** The JSON twin of `renderCode`. */
export function codeDocument({ code, exitCode, explanation }: ExplainedCode) {
  const { meaning, wrong, right, fix } = explanation;
  return document('code', { code, exitCode: exitCode ?? null, meaning, wrong, right, fix });
}

/** The JSON twin of `renderField`. */
export function fieldDocument(field: FieldExplanation) {
  return document('field', {
    path: field.name,
    ...factsOf(field),
    allowed: field.allowed,
    default: field.default ?? null,
    fields: field.fields.map(summaryDocument),
    note: field.note ?? null,
  });
}

/** The JSON twin of `renderOverview`. */
export function overviewDocument(
  field: FieldExplanation,
  codes: readonly { readonly code: string; readonly meaning: string }[],
) {
  return document('overview', { fields: field.fields.map(summaryDocument), codes });
}

function summaryDocument(field: FieldSummary): object {
  return { name: field.name, ...factsOf(field) };
}

function factsOf({ type, required, description }: FieldSummary) {
  return { type, required, description: description ?? null };
}

function document(kind: string, facts: Readonly<Record<string, unknown>>): ExplainDocument {
  return { schema: 'bootstrap.explain/1', kind, ...facts };
}
