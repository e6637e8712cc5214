import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUpGitops } from '../../../examples/gitops/setup.mjs';
import { leftRunning } from '../../rig/world.ts';
import { CHECKOUT, run, transcript, until, type Ended } from '../cli.ts';
import { openForge, type Forge } from './forge.ts';

/** The example's folder. */
export const EXAMPLE = join(CHECKOUT, 'examples/gitops');
const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin';
const FETCH_TIMEOUT_MS = 3_000;

/** A script of a job, to be run as its CI would. */
export interface Script {
  /** Before the name of the file with the script. */
  readonly shell: readonly string[];
  readonly text: string;
  readonly cwd: string;
  /** All of the environment but PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders that come first in the PATH. */
  readonly path: readonly string[];
}

/** A server, the repository that declares it, its runner, and the forge where both are discussed. */
export interface GitopsWorld extends AsyncDisposable {
  readonly dir: string;
  /** Of the server. */
  readonly root: string;
  readonly forge: Forge;
  /** Folders with programs: `bootstrap` on the server, `gh` and no bootstrap elsewhere. */
  readonly server: readonly string[];
  readonly hosted: readonly string[];
  /** What the server's page says; undefined while it does not run. */
  readonly page: () => Promise<string | undefined>;
  /** `git` in the repository; rejects unless it ends well. */
  readonly git: (...words: readonly string[]) => Promise<string>;
  /** Brings the runner's folder to a commit, as a checkout that cleans does; returns the folder. */
  readonly checkout: (ref: string) => Promise<string>;
  readonly bootstrap: (...words: readonly string[]) => Promise<Ended>;
  readonly runScript: (script: Script) => Promise<Ended>;
}

/** A world before its first apply; disposed of, its daemons end. */
export async function openWorld(): Promise<GitopsWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'bootstrap-gitops-'));
  const { root, repository, bin, ports } = await setUpGitops(dir);
  const forge = await openForge();
  const tools = join(dir, 'tools');
  const workspace = join(dir, 'workspace');
  mkdirSync(tools);
  cpSync(join(import.meta.dirname, 'gh.sh'), join(tools, 'gh'), { mode: 0 });
  const runIn = async (cwd: string, argv: readonly string[]): Promise<string> => {
    const ended = await runApart(dir, { argv, cwd });
    if (ended.exitCode !== 0) throw new Error(`${argv.join(' ')}: ${transcript(ended)}`);
    return ended.stdout.trim();
  };
  await runIn(dir, ['chmod', '+x', join(tools, 'gh')]);
  await runIn(dir, ['git', 'clone', '--quiet', repository, workspace]);
  return {
    dir,
    root,
    forge,
    server: [bin],
    hosted: [tools],
    page: async () => await pageOf(ports.web),
    git: async (...words) => await runIn(repository, ['git', ...words]),
    checkout: async (ref) => {
      await runIn(workspace, ['git', 'fetch', '--quiet', 'origin', ref]);
      await runIn(workspace, ['git', 'checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD']);
      await runIn(workspace, ['git', 'clean', '-ffdxq']);
      return workspace;
    },
    bootstrap: async (...words) =>
      await runApart(dir, { argv: ['bootstrap', ...words], cwd: repository, path: [bin] }),
    runScript: async (script) => await runScript(dir, script),
    [Symbol.asyncDispose]: async () => {
      await forge[Symbol.asyncDispose]();
      for (const pid of leftRunning(root)) process.kill(pid, 'SIGKILL');
      await until('the daemons are gone', () => leftRunning(root).length === 0);
      rmSync(dir, { recursive: true });
    },
  };
}

/** Runs a script in a world of its own folder. */
export async function runScript(dir: string, { shell, text, ...rest }: Script): Promise<Ended> {
  const file = join(dir, 'script.sh');
  writeFileSync(file, text);
  return await runApart(dir, { argv: [...shell, file], ...rest });
}

interface Apart {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly path?: readonly string[];
}

// Nothing of this process's environment: a pipeline has what its CI gives it.
async function runApart(dir: string, { argv, cwd, env = {}, path = [] }: Apart): Promise<Ended> {
  const all = {
    ...env,
    PATH: [...path, SYSTEM_PATH].join(':'),
    HOME: dir,
    GIT_CONFIG_NOSYSTEM: '1',
  };
  const words = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  return await run(['env', '-i', ...words, ...argv], cwd);
}

async function pageOf(port: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    });
    return await answer.text();
  } catch {
    return undefined;
  }
}

/** What one run of a pipeline hands from job to job. */
export interface Artifacts {
  readonly save: (name: string, file: string) => void;
  readonly load: (name: string, folder: string) => void;
}

/** Artifacts as GitHub and GitLab keep them: without owner and permission bits. Throws where there is nothing to save or load. */
export function openArtifacts(world: Pick<GitopsWorld, 'dir'>): Artifacts {
  const store = mkdtempSync(join(world.dir, 'artifacts-'));
  return {
    save: (name, file) => {
      const target = join(store, name);
      mkdirSync(target);
      cpSync(file, join(target, file.slice(file.lastIndexOf('/') + 1)));
    },
    load: (name, folder) => {
      if (!existsSync(join(store, name))) throw new Error(`no artifact ${name}`);
      cpSync(join(store, name), folder, { recursive: true });
    },
  };
}
