import { hostPath, type HostPath, type ProductName } from './ids.ts';

/** Where things are on a server (CONTRACT 1); `root` is '' for `/`. */
export interface Layout {
  readonly definition: HostPath;
  readonly lock: HostPath;
  readonly state: HostPath;
  readonly products: HostPath;
  /** Applied desired states. */
  readonly generations: HostPath;
  /** Blocks that failed, and are not tried again. */
  readonly quarantine: HostPath;
  /** The commit that was applied last from git. */
  readonly trust: HostPath;
  /** What is on trial. */
  readonly trial: HostPath;
  /** The same, moved to where it says that it stays; or that it is being taken back. */
  readonly trialConfirmed: HostPath;
  readonly trialReturning: HostPath;
  /** Why nothing is done for now. */
  readonly suspension: HostPath;
  /** What watch tries again, and when. */
  readonly retry: HostPath;
  /** The lock of watch: one watches a server. */
  readonly watchLock: HostPath;
  /** What receivers were told last, and are to be told still. */
  readonly callbacks: HostPath;
  /** Callbacks on their way, those that arrived, and those given up: a file an event and receiver. */
  readonly outbox: HostPath;
  readonly sent: HostPath;
  readonly dead: HostPath;
  /** The lock of the outbox: one process sends at a time. */
  readonly outboxLock: HostPath;
  /** Which dead products were restarted, and when they may be again. */
  readonly restarts: HostPath;
  /** What the desired state was last read as: only to be quick, and safe to remove. */
  readonly compiled: HostPath;
  /** The journals, a file a run. */
  readonly runs: HostPath;
  /** Names the journal of the last run that changed anything. */
  readonly newestRun: HostPath;
  /** Ids of saved plans that were applied, one a line. */
  readonly plansUsed: HostPath;
  readonly serverMode: HostPath;
  readonly serverMessage: HostPath;
  readonly statusFile: HostPath;
  /** What secrets are hashed with before they are recorded. */
  readonly secretKey: HostPath;
  /** What hooks are signed with. */
  readonly hookKey: HostPath;
  /** What whoever looks from elsewhere has to show. */
  readonly pageToken: HostPath;
}

/** The files of a product under /var/bootstrap, by what they hold. */
export const PRODUCT_FILES = [
  'version',
  'repository',
  'status',
  'lastmessage',
  'settings.json',
  'config-digest',
  'protect',
] as const;
/** A file of a product under /var/bootstrap. */
export type ProductFile = (typeof PRODUCT_FILES)[number];

/** The paths of the server that lives under `root`. */
export function layoutOf(root: string): Layout {
  const at = (path: string): HostPath => hostPath(root, path);
  return {
    definition: at('/etc/bootstrap/bootstrap.ini'),
    lock: at('/run/bootstrap/lock'),
    state: at('/var/bootstrap'),
    products: at('/var/bootstrap/products'),
    generations: at('/var/bootstrap/generations'),
    quarantine: at('/var/bootstrap/quarantine.json'),
    trust: at('/var/bootstrap/trust.json'),
    trial: at('/var/bootstrap/trial.json'),
    trialConfirmed: at('/var/bootstrap/trial-confirmed.json'),
    trialReturning: at('/var/bootstrap/trial-returning.json'),
    suspension: at('/var/bootstrap/suspend.json'),
    retry: at('/var/bootstrap/watch.json'),
    watchLock: at('/run/bootstrap/watch'),
    callbacks: at('/var/bootstrap/callbacks.json'),
    outbox: at('/var/bootstrap/outbox'),
    sent: at('/var/bootstrap/sent'),
    dead: at('/var/bootstrap/dead'),
    outboxLock: at('/run/bootstrap/outbox'),
    restarts: at('/var/bootstrap/restarts.json'),
    compiled: at('/var/bootstrap/cache/desired-state'),
    runs: at('/var/bootstrap/runs'),
    newestRun: at('/var/bootstrap/runs/newest'),
    plansUsed: at('/var/bootstrap/plans-used'),
    serverMode: at('/var/bootstrap/server-mode'),
    serverMessage: at('/var/bootstrap/lastmessage'),
    statusFile: at('/var/bootstrap/status.json'),
    secretKey: at('/var/bootstrap/secret.key'),
    hookKey: at('/etc/bootstrap/hook.key'),
    pageToken: at('/etc/bootstrap/page.token'),
  };
}

/** A file of a product under /var/bootstrap. */
export function productPath(root: string, product: ProductName, file: ProductFile): HostPath {
  return hostPath(root, `/var/bootstrap/products/${product}/${file}`);
}

/** An applied desired state, by its number. */
export function generationPath(root: string, number: number): HostPath {
  return hostPath(root, `/var/bootstrap/generations/${number}.json`);
}

const JOURNAL_NAME_END = '.ndjson';

/** The journal of a run. */
export function journalPath(root: string, runId: string): HostPath {
  return hostPath(root, `/var/bootstrap/runs/${runId}${JOURNAL_NAME_END}`);
}

/** The ids of the runs whose journals are among the names in the folder of runs, in the order of the names. */
export function journalledRuns(names: readonly string[]): readonly string[] {
  return names
    .filter((name) => name.endsWith(JOURNAL_NAME_END) && name !== JOURNAL_NAME_END)
    .map((name) => name.slice(0, -JOURNAL_NAME_END.length));
}

/** The folder with all that is on record of a product. */
export function productFolder(root: string, product: ProductName): HostPath {
  return hostPath(root, `/var/bootstrap/products/${product}`);
}

/** What reading from git takes, by the digest of the remote's address. */
export interface SourceLayout {
  /** A bare clone: only a copy, and private. */
  readonly clone: HostPath;
  /** One process at a time uses the clone. */
  readonly lock: HostPath;
  /** Where the files of a commit would be if they were files; nothing is ever there. */
  readonly files: HostPath;
  readonly allowedSigners: HostPath;
  readonly revokedSigners: HostPath;
  readonly gnupg: HostPath;
  /** An ssh key, the host keys it may be shown to, a token for https, a certificate authority of one's own. */
  readonly sshKey: HostPath;
  readonly knownHosts: HostPath;
  readonly token: HostPath;
  readonly authority: HostPath;
}

/** The paths that reading from a remote takes; `root` is '' for `/`. */
export function sourceLayoutOf(root: string, digest: string): SourceLayout {
  const at = (path: string): HostPath => hostPath(root, path);
  return {
    clone: at(`/var/bootstrap/source/${digest}`),
    lock: at(`/run/bootstrap/source-${digest}`),
    files: at(`/var/bootstrap/source/${digest}.files`),
    allowedSigners: at('/etc/bootstrap/allowed_signers'),
    revokedSigners: at('/etc/bootstrap/revoked_signers'),
    gnupg: at('/etc/bootstrap/gnupg'),
    sshKey: at('/etc/bootstrap/git/id'),
    knownHosts: at('/etc/bootstrap/git/known_hosts'),
    token: at('/etc/bootstrap/git/token'),
    authority: at('/etc/bootstrap/git/ca.pem'),
  };
}

/** The folder a path is in. */
export function folderOf(path: HostPath): HostPath {
  const slash = path.lastIndexOf('/');
  return (slash <= 0 ? '/' : path.slice(0, slash)) as HostPath;
}

/** The format word of a product's settings.json. */
export const APPLIED_SETTINGS_FORMAT = 'bootstrap.settings/1';
