import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** No sandbox: tests run as root in containers. The rest keeps it from talking to anybody. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A Chromium with a profile of its own. */
export interface Browser {
  /** A new tab; what it asks for beyond the pages it was sent to is in `asked`, and what it complains of in `complaints`. */
  readonly open: (look?: Look) => Promise<Tab>;
  readonly close: () => Promise<void>;
}

/** How a tab looks at things. */
export interface Look {
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
}

/** A tab. */
export interface Tab {
  readonly page: Page;
  readonly asked: readonly string[];
  readonly complaints: readonly string[];
  /** Serious and critical findings of axe-core, a line each. */
  readonly axe: () => Promise<readonly string[]>;
}

/** Starts Debian's Chromium. */
export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'bootstrap-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: FLAGS,
  });
  return {
    open: async (look = {}) => await openTab(context, look),
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

const HEIGHT = 900;

async function openTab(
  context: BrowserContext,
  { width = 1200, theme = 'light' }: Look,
): Promise<Tab> {
  const page = await context.newPage();
  await page.setViewportSize({ width, height: HEIGHT });
  await page.emulateMedia({ colorScheme: theme });
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, asked, complaints, axe: async () => await seriousFindings(page) };
}

async function seriousFindings(page: Page): Promise<readonly string[]> {
  // As a debugger would, not as a script of the page: that its policy forbids.
  await page.evaluate(AXE);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: typeof import('axe-core') };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}
