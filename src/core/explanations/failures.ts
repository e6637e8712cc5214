import type { Failure } from '../../model/failure.ts';
import type { Explanation } from './explanation.ts';

/** Why a command can fail as a whole. */
export const FAILURE_EXPLANATIONS: { readonly [C in Failure['code']]: Explanation } = {
  usage: {
    meaning: 'The command line says something that the command does not understand.',
    wrong: 'bootstrap apply --lock-timeout soon',
    right: 'bootstrap apply --lock-timeout 5m',
    fix: '`bootstrap COMMAND --help` lists what a command takes.',
  },
  'desired-missing': {
    meaning: 'There is no desired state where it was looked for.',
    wrong: 'bootstrap plan -f desired.yml',
    right: 'bootstrap plan -f desired-state.yaml',
    fix: 'Name the file with -f, set BOOTSTRAP_FILE, or run the command in its folder.',
  },
  'desired-unreadable': {
    meaning: 'The desired state is there, but it is no text file in UTF-8, or may not be read.',
    wrong: 'bootstrap plan -f /etc/bootstrap',
    right: 'bootstrap plan -f /etc/bootstrap/desired-state.yaml',
    fix: 'Name the file itself, save it as UTF-8, or make it readable.',
  },
  'desired-invalid': {
    meaning: 'The desired state has mistakes; each is listed with its place and a code of its own.',
    wrong: 'products: {web: {version: 1.10}}',
    right: 'products: {web: {version: "1.10"}}',
    fix: 'Mend each of them; `bootstrap validate` looks again and touches nothing.',
  },
  'source-unreachable': {
    meaning:
      'The git remote of the desired state did not answer in time, does not let this server in, or has no such branch or tag. What was applied stays.',
    wrong: 'bootstrap watch --git https://git.example/servers.git --ref mian --path web-1.yaml',
    right: 'bootstrap watch --git https://git.example/servers.git --ref main --path web-1.yaml',
    fix: 'The lines of git say which. An ssh key goes to /etc/bootstrap/git/id, the host key to known_hosts beside it, a token for https to /etc/bootstrap/git/token.',
  },
  untrusted: {
    meaning:
      'The desired state can be read, and is not to be applied here: its commit is not signed by somebody you named, git history was rewritten, it is older than what was applied, past its end, or meant for another machine.',
    wrong: 'git push --force   # to the branch that a server watches',
    right: 'git revert HEAD; git push',
    fix: 'Find out who did it, and why. Where history was rewritten on purpose, `bootstrap trust reset --to COMMIT` names the commit to go on from.',
  },
  'definition-missing': {
    meaning:
      'There is no bootstrap.ini, so nothing says what this server can run. It is installed with the image, as /etc/bootstrap/bootstrap.ini.',
    wrong: 'bootstrap plan',
    right: 'bootstrap plan --root /srv/test-server',
    fix: 'Install it, or name the server with --root DIR or the file with --config FILE.',
  },
  'definition-invalid': {
    meaning:
      'bootstrap.ini, or a template it names, has mistakes; each is listed with its place and a code of its own.',
    wrong: '[product: web]\ntimeout = soon',
    right: '[product: web]\ntimeout = 10m',
    fix: 'Mend each of them; `bootstrap validate` looks again and touches nothing.',
  },
  'script-refused': {
    meaning:
      'A script or bootstrap.ini could have been changed by somebody other than root or you, or a script cannot be run. Nothing was run.',
    wrong: '-rwxrwxrwx root root /etc/bootstrap/upgrade-web',
    right: '-rwxr-xr-x root root /etc/bootstrap/upgrade-web',
    fix: 'Run the command that the message gives for each file, if you trust what is in it.',
  },
  'unknown-product': {
    meaning: 'The name is not that of a product here.',
    wrong: 'bootstrap status haprxy',
    right: 'bootstrap status haproxy',
    fix: 'Take the name suggested; `bootstrap status` lists the products. In a desired state: the [product: NAME] sections of bootstrap.ini say which there are.',
  },
  'file-unusable': {
    meaning: 'A file could not be read or written, for the reason given.',
    wrong: 'cannot write /etc/web.ini: no space left on the device',
    right: 'df -h /etc',
    fix: 'Mend the reason, then run the command again: it goes on from there.',
  },
  'secret-unavailable': {
    meaning: 'A secret that the desired state refers to is not where it should be.',
    wrong: 'key: {fromFile: /run/secrets/key}   # and no such file',
    right: 'install -m 0600 key /run/secrets/key',
    fix: 'Put the file, the variable or the credential in place, then run the command again.',
  },
  'file-exists': {
    meaning:
      'A command that writes new files found them there already, and leaves them as they are.',
    wrong: 'bootstrap export -o desired-state.yaml   # and there is one',
    right: 'bootstrap export -o desired-state.yaml --force',
    fix: 'Name another file, or remove the one that is there; export writes over it with --force.',
  },
  permission: {
    meaning: 'You may not do this to that file.',
    wrong: 'bootstrap apply',
    right: 'sudo bootstrap apply',
    fix: 'Run it as root, or on a folder of your own with --root DIR.',
  },
  locked: {
    meaning:
      'Another run holds the lock. It is taken over only on proof that its holder is dead, never on age.',
    wrong: 'bootstrap apply',
    right: 'bootstrap apply --lock-timeout 5m',
    fix: 'Try again when it has ended, or wait for it; `bootstrap lock show` says what it does.',
  },
  'lock-kept': {
    meaning:
      'The lock was not broken: its holder lives, or nobody can prove from here that it does not. There is no way to just delete a lock.',
    wrong: 'bootstrap lock break',
    right: 'bootstrap lock break --kill',
    fix: 'Let a living holder end, or end it with --kill. For anything else the message says what a person should do.',
  },
  'lock-lost': {
    meaning:
      'The lock was taken away while a run held it. The run stopped: somebody else may be writing.',
    wrong: 'rm -r /run/bootstrap',
    right: 'bootstrap status',
    fix: 'Find out who removed it, then run `bootstrap apply` again.',
  },
  'facts-unreadable': {
    meaning: 'Something on the server could not be read. What is not known is left alone.',
    wrong: 'chmod 000 /var/bootstrap/products/web/version',
    right: 'chmod 644 /var/bootstrap/products/web/version',
    fix: 'Make it readable, or remove it where it is damaged, then run the command again.',
  },
  unconfirmed: {
    meaning: 'There are changes, and nobody said yes to them. Nothing was done.',
    wrong: 'bootstrap apply </dev/null',
    right: 'bootstrap apply --yes </dev/null',
    fix: 'Answer `yes` on the terminal, or give --yes where there is none.',
  },
  blocked: {
    meaning: 'Actions were held back by a downgrade, by maxChanges, or by what they wait for.',
    wrong: 'bootstrap apply --yes',
    right: 'bootstrap apply --yes --allow-downgrade web',
    fix: 'The plan says for each what would allow it.',
  },
  'script-failed': {
    meaning:
      'A script ended with another exit code than 0, by a signal, or not in time. Its last lines are shown.',
    wrong: 'E: Version "2.9" for "haproxy" was not found',
    right: 'apt-cache policy haproxy',
    fix: 'Mend what it says, then run `bootstrap apply` again: the step is done once more.',
  },
  'config-refused': {
    meaning:
      'The config-check of a product refused the new config file. The file in place was not touched.',
    wrong: 'settings: {maxconn: many}',
    right: 'settings: {maxconn: 2000}',
    fix: 'Correct the settings or the template; the lines of the check say what it minds.',
  },
  'verify-failed': {
    meaning: 'Everything was done, and a heartbeat did not pass within its deadline.',
    wrong: 'heartbeat: {http: "http://127.0.0.1/healthz"}   # nobody answers',
    right: 'heartbeat: {http: "http://127.0.0.1:8080/healthz", grace: 10s, deadline: 2m}',
    fix: 'Look at the product itself and its log. One that is slow to start wants a longer deadline.',
  },
  unhealthy: {
    meaning: 'There was nothing to change, but a heartbeat fails.',
    wrong: 'bootstrap apply',
    right: 'bootstrap heartbeat',
    fix: 'Look at the products that the message names.',
  },
  'not-converged': {
    meaning:
      'All steps succeeded, and the same look still finds a difference: a script reports success without doing its work, or something changes it back.',
    wrong: '#!/bin/sh\nexit 0',
    right: '#!/bin/sh\napt-get install -y "haproxy=$2"',
    fix: 'Look at the script of the field that the message names.',
  },
  'disk-full': {
    meaning:
      'A file system has less room than what is to be written there. It is found before anything moves.',
    wrong: 'df /var/bootstrap: 0 available',
    right: 'df /var/bootstrap: 1048576 available',
    fix: 'Make room on that file system, then run the command again.',
  },
  'listen-failed': {
    meaning:
      'The address that --listen names cannot be listened on: another program has it, this machine does not, or it takes root.',
    wrong: 'bootstrap watch --listen 127.0.0.1:80   # where a web server runs',
    right: 'bootstrap watch --listen 127.0.0.1:9810',
    fix: 'Name another address, or find out who has this one: `ss -ltnp`.',
  },
  'orphan-running': {
    meaning:
      'A script outlived the run that started it, and it could not be waited for or ended. Nothing is done while it may still change the server.',
    wrong: 'kill -9 of bootstrap in the middle of an upgrade-script, then bootstrap apply',
    right: 'bootstrap apply, once the script has ended',
    fix: 'Look at the process that the message names; wait for it, or end it.',
  },
  'generation-unusable': {
    meaning:
      'The desired state of an earlier generation does not fit this server any more: bootstrap.ini or a schema changed since.',
    wrong: 'bootstrap rollback 3, after [product: web] was taken out of bootstrap.ini',
    right: 'bootstrap rollback 5',
    fix: 'Go back to a newer one, or put back what it needs.',
  },
  'no-generation': {
    meaning:
      'Nothing was ever applied and verified that could be gone back to, or not under this number.',
    wrong: 'bootstrap rollback 99',
    right: 'bootstrap rollback',
    fix: '`bootstrap history` shows the generations and what became of them.',
  },
  'rolled-back': {
    meaning:
      'A step or a heartbeat failed. Everything that the run had changed was taken back to the newest good generation, and that one was verified.',
    wrong: 'products: {web: {version: "2"}}, and web does not answer with version 2',
    right: 'products: {web: {version: "1"}}, as it is again on the server',
    fix: 'Correct the block that failed. It is not tried again as it stands, but with --redo.',
  },
  'trial-open': {
    meaning:
      'What was applied last is on trial, and returns to the generation before it unless it is confirmed. Until then nothing else is begun.',
    wrong: 'bootstrap apply --confirm-within 5m; bootstrap apply',
    right: 'bootstrap apply --confirm-within 5m; bootstrap confirm; bootstrap apply',
    fix: '`bootstrap confirm` keeps it, `bootstrap rollback` takes it back at once.',
  },
  suspended: {
    meaning:
      'Somebody suspended this server: until that ends nothing is changed on it, by hand or by `bootstrap watch`.',
    wrong: 'bootstrap suspend --reason "disk swap" --until 2h; bootstrap apply',
    right: 'bootstrap resume; bootstrap apply',
    fix: 'Ask whoever the message names, then `bootstrap resume`; `bootstrap plan` works meanwhile.',
  },
  'no-trial': {
    meaning:
      'There is nothing that could be confirmed: no trial, one not verified yet, or one that ended.',
    wrong: 'bootstrap apply; bootstrap confirm',
    right: 'bootstrap apply --confirm-within 5m; bootstrap confirm',
    fix: '`bootstrap status` and `bootstrap history` show what became of it.',
  },
  'plan-unreadable': {
    meaning:
      'The file is no saved plan, was changed since it was saved, or is of another version of bootstrap.',
    wrong: 'bootstrap apply plan.txt',
    right: 'bootstrap plan --out plan.json; bootstrap apply plan.json',
    fix: 'Make a new one with `bootstrap plan --out FILE`, and leave it as it is.',
  },
  'plan-stale': {
    meaning:
      'Something that the saved plan rests on moved since: a file, a script, or what is on the server. Each is named, and nothing was done.',
    wrong: 'bootstrap plan --out plan.json; edit desired-state.yaml; bootstrap apply plan.json',
    right: 'bootstrap plan --out plan.json; bootstrap apply plan.json',
    fix: 'Make a new plan and look at it; one that was begun is gone on with by --resume.',
  },
  'plan-used': {
    meaning: 'This saved plan was carried out, or begun, before. A saved plan runs once.',
    wrong: 'bootstrap apply plan.json; bootstrap apply plan.json',
    right: 'bootstrap apply plan.json; bootstrap plan',
    fix: 'Make a new plan; where a run ended early, `bootstrap apply --resume FILE` goes on with what is left.',
  },
  'left-invalid': {
    meaning:
      'A run failed half-way, and what it had done stayed. The server reads `invalid`, so that nobody takes it for good.',
    wrong: 'bootstrap status   # Server mode: invalid',
    right: 'bootstrap apply',
    fix: 'Mend the cause, then apply: it goes on from here.',
  },
  superseded: {
    meaning:
      'While `bootstrap watch` waited, for a heartbeat say, the desired state changed. What was running was finished; the newer one is brought about.',
    wrong: 'version: "2.8"   # and a minute later',
    right: 'version: "2.9"',
    fix: 'Nothing needs to be done: the next run goes on from here.',
  },
  interrupted: {
    meaning: 'A signal stopped the run. What was running was finished; nothing new was started.',
    wrong: '^C',
    right: 'bootstrap apply',
    fix: 'Apply again: it goes on from here.',
  },
  'deadline-passed': {
    meaning: 'The run took longer than --timeout, and was stopped.',
    wrong: 'bootstrap apply --timeout 1m',
    right: 'bootstrap apply --timeout 1h',
    fix: 'Give it more time, or find out what is slow: each step is shown with its time.',
  },
  'not-in-time': {
    meaning: 'What status --wait waited for did not come about.',
    wrong: 'bootstrap status --wait --for=Ready --timeout 1s',
    right: 'bootstrap status --wait --for=Ready --timeout 5m',
    fix: 'The message says how things are instead: mend that, or wait longer.',
  },
};
