import { Liquid, LiquidError } from 'liquidjs';
import type { Diagnostic } from '../model/diagnostic.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { ConfigInput, Template } from './config-input.ts';

// A config file is small; these end a template that loops, long before an operator would wonder.
const TEMPLATE_CHARACTERS_MAX = 1_000_000;
const RENDER_LIMIT_MS = 2000;
const RENDER_MEMORY_MAX = 10_000_000;

// A template reads nothing but its variables: no other file, no clock, no dice. Same input, same bytes.
const TAGS_REFUSED = ['include', 'render', 'layout', 'block'];
const FILTERS_REFUSED = [
  'date',
  'date_to_xmlschema',
  'date_to_rfc822',
  'date_to_string',
  'date_to_long_string',
  'sample',
];

/** A Liquid template rendered strictly: an unknown variable, filter or tag is an error with its place in the template. Source: CONTRACT 1.1. */
export async function renderTemplate(
  template: Template,
  input: Omit<ConfigInput, 'template'>,
): Promise<Result<string, Diagnostic>> {
  const { settings, product, version, mode, root } = input;
  const variables = {
    settings,
    product,
    mode,
    root,
    ...(version === undefined ? {} : { version }),
  };
  try {
    const rendered: unknown = await strictEngine().parseAndRender(template.text, variables);
    return ok(String(rendered));
  } catch (thrown) {
    if (thrown instanceof LiquidError) return err(templateProblem(template, thrown));
    if (thrown instanceof Error && thrown.name === 'AssertionError')
      return err(templateTooLarge(template));
    throw thrown;
  }
}

function strictEngine(): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    // Without it even `{% if settings.x %}` and `| default:` refuse an unset setting.
    lenientIf: true,
    templates: {},
    parseLimit: TEMPLATE_CHARACTERS_MAX,
    renderLimit: RENDER_LIMIT_MS,
    memoryLimit: RENDER_MEMORY_MAX,
  });
  for (const name of TAGS_REFUSED) delete engine.tags[name];
  for (const name of FILTERS_REFUSED) delete engine.filters[name];
  return engine;
}

function templateProblem(template: Template, problem: LiquidError): Diagnostic {
  const [line = 1, column = 1] = problem.token.getPosition();
  const [faulty = ''] = problem.token.getText().split('\n');
  const { message } = problem.originalError ?? problem;
  return {
    code:
      problem.name === 'UndefinedVariableError' ? 'template-unknown-variable' : 'template-invalid',
    severity: 'error',
    summary: message.replace(/, line:\d+, col:\d+$/, ''),
    detail: undefined,
    span: { file: template.file, line, column, endColumn: column + Math.max(faulty.length, 1) },
    sourceLine: template.text.split(/\r?\n/)[line - 1],
    fix: problem.name === 'UndefinedVariableError' ? UNKNOWN_VARIABLE_FIX : undefined,
  };
}

const UNKNOWN_VARIABLE_FIX =
  'a template knows settings, product, version, mode and root; give a setting a value in the desired state, or write `| default: …`';

function templateTooLarge(template: Template): Diagnostic {
  return {
    code: 'template-too-large',
    severity: 'error',
    summary: `the template has more than ${TEMPLATE_CHARACTERS_MAX} characters`,
    detail: undefined,
    span: { file: template.file, line: 1, column: 1, endColumn: 2 },
    sourceLine: undefined,
    fix: 'move what does not change into a file that the config file names',
  };
}
