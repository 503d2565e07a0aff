// Takes the server's events, keeps what the page shows, and hands it to the parts that show it.
import { Curves } from './curves.js';
import { SpaceMap } from './map.js';
import { Panels, byId, element } from './panels.js';

const state = { labels: [], curve: [], marks: [], report: null };
let lastEvent = 0;

const panels = new Panels(state, { open: openImage, highlight: label => map.highlight(label) });
const map = new SpaceMap(byId('map'), state, openImage);
const curves = new Curves(state);

// ---- theme ----
const THEMES = ['automatic', 'light', 'dark'];
const dark = matchMedia('(prefers-color-scheme: dark)');
let theme = 'automatic';
try { theme = THEMES.includes(localStorage.getItem('theme')) ? localStorage.getItem('theme') : theme; } catch { /* no storage */ }

function applyTheme() {
  const shown = theme === 'automatic' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset.theme = shown;
  byId('theme').textContent = `Theme: ${theme}`;
  map.themeChanged();
  curves.themeChanged();
  panels.themeChanged();
}
byId('theme').addEventListener('click', () => {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  try { localStorage.setItem('theme', theme); } catch { /* no storage */ }
  applyTheme();
});
dark.addEventListener('change', applyTheme);

// ---- events ----
let first = true;
function take(event) {
  if (event.whole) { state.labels = []; state.curve = []; }
  state.labels.splice(event.labels.from, Infinity, ...event.labels.names);
  state.curve.splice(event.curve.from, Infinity, ...event.curve.rows);
  if (event.marks) state.marks = event.marks;
  if (event.report) state.report = event.report;
  state.problem = event.problem;
  state.unreadable = event.unreadable;
  state.imagesWaiting = event.imagesWaiting;
  state.queriesWaiting = event.queriesWaiting;
  state.learners = event.learners;
  if (event.classes) { state.classes = event.classes; panels.classes(event.classes); }
  if (event.map) map.update(event.map, Boolean(event.whole));
  if (event.newest) panels.newest(event.newest);
  if (event.rejections) panels.rejections(event.rejections);
  if (event.releases) panels.releases(event.releases);
  if (event.curve.rows.length || event.marks || event.whole) curves.update();
  if (event.marks) panels.marks(event.marks);
  figures();
  lastEvent = Date.now();
  if (first && state.report) { first = false; document.documentElement.dataset.live = 'true'; }
  showState();
}

const source = new EventSource('events');
source.onmessage = message => take(JSON.parse(message.data));
source.onerror = () => showState();
setInterval(showState, 2000);

const number = new Intl.NumberFormat('en');
const percent = value => `${(100 * value).toFixed(1)}`;

function showState() {
  const line = byId('state');
  let kind = 'live';
  let text = 'Live';
  if (source.readyState !== EventSource.OPEN || Date.now() - lastEvent > 10000) {
    kind = 'bad';
    text = lastEvent ? 'Not connected: these are the figures as they were last' : 'Connecting';
  } else if (state.problem) {
    kind = 'bad';
    text = state.problem;
  } else if (!state.report) {
    kind = 'waiting';
    text = 'Connected; no learning report has come yet';
  } else if (state.learners && state.learners.length) {
    text = `Live: ${state.learners.join(', ')}`;
  } else {
    const age = (Date.now() - state.report.at) / 1000;
    text = age < 30 ? 'Live' : `No learner is at work; the newest report is ${duration(age)} old`;
    kind = age < 30 ? 'live' : 'waiting';
  }
  if (state.unreadable) text += `; ${number.format(state.unreadable)} records could not be read`;
  line.dataset.kind = kind;
  // A status line is read out whenever it changes.
  if (line.textContent !== text) line.textContent = text;
}

function duration(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

function figures() {
  const report = state.report;
  byId('model').textContent = report ? report.model : '';
  const list = [];
  const add = (name, value, unit, title) => list.push([name, value, unit || '', title || '']);
  add('Accuracy now', report ? percent(report.window) : '–', report ? `% of ${number.format(report.windowSize)}` : '',
    'Share of the newest images that were predicted rightly before their label was used');
  add('Accuracy so far', report ? percent(report.all) : '–', '%', 'The same of all images');
  add('Images learned', report ? number.format(report.images) : '–');
  add('Classes', report ? number.format(report.classes) : '–');
  add('Throughput', report ? report.rate.toFixed(report.rate < 10 ? 1 : 0) : '–', 'images/s');
  add('Waiting', state.imagesWaiting === undefined ? '–' : number.format(state.imagesWaiting),
    state.queriesWaiting ? `+ ${number.format(state.queriesWaiting)} queries` : 'images',
    'Records behind what the job has committed at its newest checkpoint');
  add('Encoder version', report ? number.format(report.version) : '–',
    report && report.skipped ? `${number.format(report.skipped)} skipped` : 'steps');
  add('Memory', report ? number.format(report.memory) : '–', report ? `of ${number.format(report.memoryCapacity)}` : '');
  const box = byId('figures');
  if (box.children.length !== list.length) {
    box.replaceChildren(...list.map(([name, , , title]) => {
      const item = element('div', {}, element('dt', {}, name), element('dd', {}, '', element('small', {}, '')));
      if (title) item.title = title;
      return item;
    }));
  }
  list.forEach(([, value, unit], i) => {
    const dd = box.children[i].lastElementChild;
    dd.firstChild.textContent = `${value} `;
    dd.lastElementChild.textContent = unit;
  });
}

// ---- one image ----
let wanted = 0;
async function openImage(slot, focus) {
  const mine = ++wanted;
  const answer = await fetch(`image?slot=${slot}`).catch(() => null);
  if (mine !== wanted) return;
  if (!answer || !answer.ok) {
    map.select(-1, []);
    panels.image(null);
    return;
  }
  const image = await answer.json();
  if (mine !== wanted) return;
  map.select(image.slot, image.neighbours.map(neighbour => neighbour.slot));
  panels.image(image, focus);
}

figures();
applyTheme();
showState();
// For measurements.
window.contrastream = { map, state };
