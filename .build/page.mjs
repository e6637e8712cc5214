// Bundles the script of the page for browsers, as a text that the server sends: src/serve/page-script.generated.js.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const src = fileURLToPath(new URL('../src/', import.meta.url));

const { outputFiles } = await build({
  entryPoints: [`${src}page/client.ts`],
  bundle: true,
  format: 'iife',
  target: 'es2022',
  minify: true,
  write: false,
  logLevel: 'warning',
});
const [{ text }] = outputFiles;
const head = '// Generated from src/page/ by .build/page.mjs.\n';
writeFileSync(
  `${src}serve/page-script.generated.js`,
  `${head}export const PAGE_SCRIPT = ${JSON.stringify(text)};\n`,
);
writeFileSync(
  `${src}serve/page-script.generated.d.ts`,
  `${head}export declare const PAGE_SCRIPT: string;\n`,
);
