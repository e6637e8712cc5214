/** Who holds the lock, as its record says. */
export interface LockHolder {
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
  readonly pidNs: string;
  readonly command: string;
  readonly runId: string;
  readonly startedAt: string;
}

/** What proves a holder dead. `ended`: no process has its pid, or only one that its parent has not collected yet. */
export type DeathProof = 'rebooted' | 'ended' | 'pid-reused';

/** Why nobody can say whose the lock is, or whether its holder lives. It stays as it is then: a person has to look. */
export type LockDoubt =
  /** Something that no holder of ours left there. */
  | { readonly about: 'contents'; readonly what: string }
  /** Its record names another machine, pid namespace or time namespace, or does not say which boot it is of. */
  | { readonly about: 'machine' | 'pid-namespace' | 'time-namespace' | 'boot' }
  /** The process with its pid may not be looked at. */
  | { readonly about: 'process'; readonly why: string };

/** Whether a holder still lives. Only `dead` is proof, and only proof takes a lock away. */
export type Liveness =
  | { readonly is: 'alive' }
  | { readonly is: 'dead'; readonly proof: DeathProof }
  | { readonly is: 'unknown'; readonly doubt: LockDoubt };

/** A lock as `bootstrap lock show` shows it. */
export type LockReport =
  | { readonly state: 'free' }
  | { readonly state: 'unknown'; readonly doubt: LockDoubt }
  | {
      readonly state: 'held';
      readonly holder: LockHolder;
      readonly liveness: Liveness;
      /** The state letter of the very process that took it (proc_pid_stat(5)); undefined where that is not to be seen. */
      readonly processState: string | undefined;
      /** For people only: no age takes a lock away. Undefined where the record went meanwhile. */
      readonly heartbeatAgeMs: number | undefined;
    };

/** Why a lock was not broken. */
export type LockKept =
  | { readonly why: 'alive' }
  | { readonly why: 'doubt'; readonly doubt: LockDoubt }
  /** It was told to end, then killed, and has not ended: its process hangs in the kernel. */
  | { readonly why: 'survived'; readonly waitedMs: number };

/** What came of breaking a lock. `ended`: whether its holder was ended for it, and by which signal at last. */
export type LockBroken =
  | { readonly state: 'free' }
  | {
      readonly state: 'broken';
      readonly holder: LockHolder;
      readonly ended: 'before' | 'SIGTERM' | 'SIGKILL';
    };
