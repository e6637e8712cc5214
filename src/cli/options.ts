/** What every command is given, before or after its name. */
export interface GlobalOptions {
  readonly root: string;
  readonly config: string | undefined;
  /** How to print; each command checks that it can (program.ts). */
  readonly format: 'text' | 'json' | 'github';
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** The options of commands that read a desired state. */
export interface DesiredOptions extends GlobalOptions {
  readonly file: readonly string[];
}

/** The options of `plan`. */
export interface PlanOptions extends DesiredOptions {
  readonly detailedExitcode: boolean;
  readonly allowDowngrade: readonly string[];
  readonly maxChanges: string | undefined;
}

/** The options of `apply`. */
export interface ApplyOptions extends PlanOptions {
  readonly yes: boolean;
  readonly lockTimeout: string;
  readonly parallelism: string;
  readonly onFailure: 'rollback' | 'stop' | 'continue' | undefined;
  readonly timeout: string;
}

/** The options of `export`. */
export interface ExportOptions extends GlobalOptions {
  readonly output: string;
  readonly force: boolean;
}
