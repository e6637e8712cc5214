import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node.js';

/** A conversation with the YAML language server, as an editor has it. */
export interface LanguageServer {
  /** Opens a document; resolves to the messages of the first diagnostics that come back for it. */
  open(uri: string, text: string): Promise<readonly string[]>;
  /** Asks what it offers or says at a place; lines and characters count from 0. */
  ask(method: 'completion' | 'hover', uri: string, position: Position): Promise<unknown>;
  end(): Promise<void>;
}

/** A place in a document. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

// It starts in a second and answers at once; one that takes as long as this never does, and is killed.
const TIME_LIMIT_MS = 30_000;
const PROGRAM = fileURLToPath(import.meta.resolve('yaml-language-server/bin/yaml-language-server'));
// The catalogue of schemas would come over the network.
const SETTINGS = { validate: true, hover: true, completion: true, schemaStore: { enable: false } };

/** Starts the language server and says hello to it. */
export async function startLanguageServer(): Promise<LanguageServer> {
  const child = spawn(process.execPath, [PROGRAM, '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: TIME_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const exited = once(child, 'exit');
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  // What an editor is asked for: its settings; and to remember what the server can do, which is no question.
  connection.onRequest(
    'workspace/configuration',
    ({ items }: { readonly items: readonly unknown[] }) =>
      items.map((item) => (isYamlSection(item) ? SETTINGS : {})),
  );
  connection.onRequest('client/registerCapability', () => null);
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: { workspace: { configuration: true } },
  });
  await connection.sendNotification('initialized', {});

  return {
    async open(uri, text) {
      const published = new Promise<readonly { readonly message: string }[]>((resolve) => {
        connection.onNotification('textDocument/publishDiagnostics', (params: Published) => {
          if (params.uri === uri) resolve(params.diagnostics);
        });
      });
      const textDocument = { uri, languageId: 'yaml', version: 1, text };
      await connection.sendNotification('textDocument/didOpen', { textDocument });
      return (await published).map(({ message }) => message);
    },
    ask: async (method, uri, position) =>
      await connection.sendRequest(`textDocument/${method}`, { textDocument: { uri }, position }),
    async end() {
      connection.dispose();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

interface Published {
  readonly uri: string;
  readonly diagnostics: readonly { readonly message: string }[];
}

function isYamlSection(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'section' in item && item.section === 'yaml';
}
