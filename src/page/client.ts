// What the page does in a browser: shows what it is told of, finds products, and says how long ago things were.

/** How often times are said anew. */
const TICK_MS = 1000;
const SECOND_MS = 1000;

/** Enough for a browser to paint. */
const FIRST_SIGHT_MS = 150;

/** After this long a lost connection is tried again, for good: whatever kept it may be over. */
const AGAIN_MS = 2000;

// What is told is shown in the order in which it was told, also while the whole page is on its way.
let told = Promise.resolve();
function thenShow(part: () => Promise<void> | void): void {
  told = told.then(part).catch(() => show('lost', true));
}

// At first only what fits a screen is there, so that it is soon seen; the rest must not come before that.
if (document.getElementById('more') !== null)
  thenShow(async () => {
    await new Promise((resolve) => setTimeout(resolve, FIRST_SIGHT_MS));
    await reload();
  });
listen();

/** A connection that says which edition of the page is shown: what was missed comes at once. */
function listen(): void {
  const edition = document.getElementById('columns')?.dataset['edition'] ?? '';
  const live = new EventSource(`live?edition=${edition}`);
  live.addEventListener('open', () => show('lost', false));
  live.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const parts = JSON.parse(data) as Readonly<Record<string, string>>;
    const ids = Object.keys(parts);
    if (ids.length === 0) thenShow(reload);
    else
      thenShow(() => {
        for (const id of ids) put(id, parts[id] ?? '');
        refresh();
      });
  });
  live.addEventListener('error', () => {
    live.close();
    show('lost', true);
    setTimeout(() => {
      // The edition that is shown may be of another program by now.
      document.getElementById('columns')?.removeAttribute('data-edition');
      listen();
    }, AGAIN_MS);
  });
}

/** Everything anew: what was missed cannot be told apart. */
async function reload(): Promise<void> {
  const answer = await fetch('./?rows=all');
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of ['head', 'run', 'drift', 'runs'])
    put(id, fresh.getElementById(id)?.outerHTML ?? '');
  const rows = fresh.querySelectorAll('#products .row');
  document.querySelector('#products .scroll')?.replaceChildren(...rows);
  document.getElementById('more')?.remove();
  refresh();
}

function put(id: string, html: string): void {
  const before = document.getElementById(id);
  const template = document.createElement('template');
  template.innerHTML = html;
  const after = template.content.firstElementChild;
  if (before === null || after === null) return;
  const scrolled = before.querySelector('.scroll')?.scrollTop ?? 0;
  const hadFocus = before.contains(document.activeElement) ? focusPath(before) : undefined;
  before.replaceWith(after);
  const scroll = after.querySelector('.scroll');
  if (scroll !== null) scroll.scrollTop = scrolled;
  if (hadFocus !== undefined)
    after.querySelector<HTMLElement>(hadFocus)?.focus({ preventScroll: true });
}

/** What finds the focused element again in a part that was replaced. */
function focusPath(part: Element): string | undefined {
  const focused = document.activeElement;
  if (focused === null || focused === part) return undefined;
  const href = focused.getAttribute('href');
  return href === null ? '.scroll' : `a[href="${CSS.escape(href)}"]`;
}

function show(id: string, isShown: boolean): void {
  document.getElementById(id)?.toggleAttribute('hidden', !isShown);
}

const find = document.querySelector<HTMLInputElement>('#find');
const unready = document.querySelector<HTMLInputElement>('#unready');
document.querySelector('.filter')?.removeAttribute('hidden');
find?.addEventListener('input', refresh);
unready?.addEventListener('change', refresh);

function refresh(): void {
  const word = find?.value.trim().toLowerCase() ?? '';
  const onlyUnready = unready?.checked === true;
  let shown = 0;
  for (const row of document.querySelectorAll<HTMLElement>('#products [data-name]')) {
    const { name = '', ready } = row.dataset;
    row.hidden = !name.includes(word) || (onlyUnready && ready === 'yes');
    if (!row.hidden) shown += 1;
  }
  const found = document.getElementById('found');
  const words = word === '' && !onlyUnready ? '' : `${shown} found`;
  if (found !== null && found.textContent !== words) found.textContent = words;
  tick();
}

function tick(): void {
  for (const each of document.querySelectorAll<HTMLElement>('[data-since]'))
    each.textContent = words(Date.now() - Date.parse(each.dataset['since'] ?? ''));
  for (const each of document.querySelectorAll('time')) {
    const ago = `${words(Date.now() - Date.parse(each.dateTime))} ago`;
    if (each.textContent !== ago) each.textContent = ago;
    each.title = each.dateTime;
  }
}

function words(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / SECOND_MS));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

refresh();
setInterval(tick, TICK_MS);
