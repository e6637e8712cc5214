import { nearest } from '../core/nearest.ts';
import { readIniSections, type IniEntry, type IniSection } from '../format/ini-sections.ts';
import type { Files } from '../host/host.ts';
import { ALLOWED_BY_DEFAULT } from '../model/address.ts';
import type { ProductDefinition, ServerDefinition } from '../model/definition.ts';
import { inDocumentOrder, type Diagnostic } from '../model/diagnostic.ts';
import type { Failure } from '../model/failure.ts';
import {
  parseProductName,
  PRODUCT_NAME_PATTERN,
  type HostPath,
  type ProductName,
} from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';
import { headerProblem, readEntry, valueProblem, type SectionReading } from './definition-entry.ts';
import { readProductSection } from './definition-product.ts';
import { parseCallbackAllow, parseSearchPath } from './definition-values.ts';

/** Which bootstrap.ini to read. */
export interface DefinitionRequest {
  readonly path: HostPath;
  /** The path as messages show it. */
  readonly shownPath: string;
  /** What `--root` says, absolute; '' for `/`. */
  readonly root: string;
}

/** The PATH of scripts where bootstrap.ini names none (CONTRACT 1.1). */
const SCRIPT_PATH_DEFAULT = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * What bootstrap.ini says this server can run (CONTRACT 1.1), or everything that is wrong with it. Keys of [bootstrap] that are
 * not known, and sections of other programs, are left alone, as the old tool did; an unknown key of a product is an error.
 */
export function readDefinition(
  files: Pick<Files, 'read'>,
  request: DefinitionRequest,
): Result<ServerDefinition, Failure> {
  const { path, shownPath, root } = request;
  const text = files.read(path);
  if (text.kind === 'absent') return err({ code: 'definition-missing', path: shownPath });
  if (text.kind === 'unreadable')
    return err({ code: 'file-unusable', path: shownPath, why: text.why, what: 'read' });

  const sections = readIniSections(text.value, shownPath);
  if (!sections.ok) return err({ code: 'definition-invalid', diagnostics: sections.error });

  const diagnostics: Diagnostic[] = [];
  const server = readServerSection(sections.value, diagnostics);
  const products = readProducts(sections.value, diagnostics);
  if (diagnostics.length > 0)
    return err({ code: 'definition-invalid', diagnostics: inDocumentOrder(diagnostics) });
  return ok({ file: shownPath, root, ...server, products });
}

function readServerSection(
  sections: readonly IniSection[],
  diagnostics: Diagnostic[],
): Pick<ServerDefinition, 'serverType' | 'scriptPath' | 'callbackAllow'> {
  const section = sections.find(({ name }) => name === 'bootstrap');
  if (section === undefined)
    return {
      serverType: undefined,
      scriptPath: SCRIPT_PATH_DEFAULT,
      callbackAllow: ALLOWED_BY_DEFAULT,
    };
  const reading: SectionReading = { section, diagnostics };
  return {
    serverType: readEntry(reading, 'server-type', ok),
    scriptPath: readEntry(reading, 'path', parseSearchPath) ?? SCRIPT_PATH_DEFAULT,
    callbackAllow: readEntry(reading, 'callback-allow', parseCallbackAllow) ?? ALLOWED_BY_DEFAULT,
  };
}

function readProducts(
  sections: readonly IniSection[],
  diagnostics: Diagnostic[],
): ReadonlyMap<ProductName, ProductDefinition> {
  const named = new Map<ProductName, IniSection>();
  for (const section of sections) {
    const name = productOf(section, diagnostics);
    if (name === undefined) continue;
    const first = named.get(name);
    if (first === undefined) named.set(name, section);
    else diagnostics.push(repeatedProduct(section, first, name));
  }
  const products = new Map<ProductName, ProductDefinition>();
  for (const [name, section] of named)
    products.set(name, readProductSection(name, { section, diagnostics }));
  diagnostics.push(...dependencyProblems(named, products), ...sharedFileProblems(named, products));
  return products;
}

/** The product a section is about; undefined for the sections of others, and for one whose name is refused. */
function productOf(section: IniSection, diagnostics: Diagnostic[]): ProductName | undefined {
  const [, text] = /^product[ \t]*:[ \t]*(.*)$/.exec(section.name) ?? [];
  if (text === undefined) {
    const problem = misspeltSection(section);
    if (problem !== undefined) diagnostics.push(problem);
    return undefined;
  }
  const name = parseProductName(text);
  if (name === undefined) {
    const lower = parseProductName(text.toLowerCase());
    diagnostics.push(
      headerProblem(section, {
        code: 'definition-product-name',
        summary: `${JSON.stringify(text)} is no name of a product`,
        detail: `a name matches ${PRODUCT_NAME_PATTERN}`,
        fix: lower === undefined ? 'take another name' : `write [product: ${lower}]`,
      }),
    );
  }
  return name;
}

/** Sections of other programs are none of our business, but `[products: x]` was meant for us. */
function misspeltSection({ name, ...section }: IniSection): Diagnostic | undefined {
  if (name === 'bootstrap' || !/^(?:products?\b|bootstrap$)/i.test(name)) return undefined;
  const [, rest] = /^products?[\s:.]+(.*)$/i.exec(name) ?? [];
  const meant = /^bootstrap$/i.test(name) ? '[bootstrap]' : `[product: ${rest ?? 'NAME'}]`;
  return headerProblem(
    { ...section, name },
    {
      code: 'definition-section-name',
      summary: `[${name}] is neither [bootstrap] nor [product: NAME]`,
      detail: undefined,
      fix: `write ${meant}`,
    },
  );
}

function repeatedProduct(section: IniSection, first: IniSection, name: ProductName): Diagnostic {
  return headerProblem(section, {
    code: 'definition-product-repeated',
    summary: `the product ${name} is there twice`,
    detail: `it stands first in line ${first.span.line}`,
    fix: 'move its keys there, or remove one of the two',
  });
}

function dependencyProblems(
  named: ReadonlyMap<ProductName, IniSection>,
  products: ReadonlyMap<ProductName, ProductDefinition>,
): readonly Diagnostic[] {
  return [...products.values()].flatMap(({ name, dependsOn }) => {
    const entry = entryOf(named.get(name), 'depends-on');
    if (entry === undefined) return [];
    return dependsOn.flatMap((other) => {
      if (other === name) {
        return [
          valueProblem(entry, {
            code: 'definition-dependency',
            summary: `${name} depends on itself`,
            fix: 'remove it',
          }),
        ];
      }
      if (named.has(other)) return [];
      const near = nearest(other, [...named.keys()]);
      return [
        valueProblem(entry, {
          code: 'definition-dependency',
          summary: `there is no [product: ${other}]`,
          fix: near === undefined ? 'add the section, or remove the name' : `did you mean ${near}?`,
        }),
      ];
    });
  });
}

/** Two products that write one file would take it from each other at every apply. */
function sharedFileProblems(
  named: ReadonlyMap<ProductName, IniSection>,
  products: ReadonlyMap<ProductName, ProductDefinition>,
): readonly Diagnostic[] {
  const owners = new Map<string, ProductName>();
  return [...products.values()].flatMap(({ name, config }) => {
    const entry = entryOf(named.get(name), 'config-file');
    if (config === undefined || entry === undefined) return [];
    const owner = owners.get(config.path);
    if (owner === undefined) {
      owners.set(config.path, name);
      return [];
    }
    return [
      valueProblem(entry, {
        code: 'definition-file-shared',
        summary: `${config.path} is the config file of ${owner} already`,
        fix: 'give each product a file of its own',
      }),
    ];
  });
}

function entryOf(section: IniSection | undefined, key: string): IniEntry | undefined {
  return section?.entries.find((entry) => entry.key === key);
}
