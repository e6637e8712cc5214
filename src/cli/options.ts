import type { Printer } from '../host/printer.ts';

/** What every command is given, before or after its name. */
export interface GlobalOptions {
  readonly root: string;
  readonly config: string | undefined;
  /** How to print; each command checks that it can (program.ts). */
  readonly format: 'text' | 'json' | 'github' | 'markdown' | 'mermaid' | 'html' | 'junit';
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Where to; no flag sets it. */
  readonly printer: Printer;
}

/** The options of commands that read a desired state. */
export interface DesiredOptions extends GlobalOptions {
  readonly file: readonly string[];
}

/** What an operator chooses this once of what a plan may do. */
export interface ChoiceOptions extends DesiredOptions {
  readonly detailedExitcode: boolean;
  readonly allowDowngrade: readonly string[];
  readonly allowRemove: readonly string[];
  readonly maxChanges: string | undefined;
  readonly only: readonly string[];
  readonly exclude: readonly string[];
  readonly redo: readonly string[];
}

/** The options of `plan`. */
export interface PlanOptions extends ChoiceOptions {
  readonly out: string | undefined;
}

/** The limits of a command that changes the server. */
export interface RunOptions extends DesiredOptions {
  readonly yes: boolean;
  readonly lockTimeout: string;
  readonly parallelism: string;
  readonly onFailure: 'rollback' | 'stop' | 'continue' | undefined;
  readonly timeout: string;
  readonly metricsFile: string | undefined;
  readonly detailedExitcode: boolean;
}

/** The options of `apply`. */
export interface ApplyOptions extends ChoiceOptions, RunOptions {
  readonly resume: boolean;
  readonly confirmWithin: string | undefined;
  readonly confirmAuto: boolean;
}

/** The options of `watch`. */
export interface WatchOptions extends Omit<RunOptions, 'yes' | 'lockTimeout' | 'detailedExitcode'> {
  readonly git: string | undefined;
  readonly ref: string | undefined;
  readonly path: readonly string[];
  readonly verify: boolean;
  readonly interval: string;
  readonly splay: string;
  readonly listen: string | undefined;
  readonly once: boolean;
}

/** The options of `status`. */
export interface StatusOptions extends DesiredOptions {
  readonly wait: boolean;
  readonly for: string;
  readonly timeout: string;
}

/** The options of `heartbeat`. */
export interface HeartbeatOptions extends DesiredOptions {
  readonly watch: boolean;
}

/** The options of `drift`. */
export interface DriftOptions extends DesiredOptions {
  readonly detailedExitcode: boolean;
}

/** The options of `doctor`. */
export interface DoctorOptions extends DesiredOptions {
  readonly fix: boolean;
}

/** The options of `suspend`. */
export interface SuspendOptions extends GlobalOptions {
  readonly reason: string;
  readonly until: string | undefined;
}

/** The options of `lock break`. */
export interface LockBreakOptions extends GlobalOptions {
  readonly kill: boolean;
}

/** The options of `trust reset`. */
export interface TrustResetOptions extends GlobalOptions {
  readonly to: string;
}

/** The options of `migrate`. */
export interface MigrateOptions extends GlobalOptions {
  /** Undefined: where the verbs and all other commands look for it. */
  readonly output: string | undefined;
  readonly force: boolean;
}

/** The options of `export`. */
export interface ExportOptions extends GlobalOptions {
  readonly output: string;
  readonly force: boolean;
}
