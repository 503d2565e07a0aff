// Tables and lists. Whatever came from a record becomes text and never markup.
export const byId = id => document.getElementById(id);

/** An element with attributes and children; strings become text. */
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'class') made.className = value;
    else if (key === 'on') Object.entries(value).forEach(([event, listener]) => made.addEventListener(event, listener));
    else if (key === 'colour') made.style.backgroundColor = value;
    else made.setAttribute(key, value === true ? '' : value);
  }
  children.forEach(child => made.append(child instanceof Node ? child : document.createTextNode(child ?? '')));
  return made;
}

/** The colour of a class: far from that of the classes that came just before it. */
export function colourOf(label) {
  const [h, s, l] = hsl(label);
  return `hsl(${h} ${s}% ${l}%)`;
}

export function hsl(label) {
  const dark = document.documentElement.dataset.theme === 'dark';
  const hue = (215 + label * 137.508) % 360;
  const round = Math.floor(label / 12) % 3;
  // Yellows and greens look lighter than blues of the same lightness.
  const bright = hue > 45 && hue < 190 ? 8 : 0;
  return [Math.round(hue), 62 - 12 * (round === 1), (dark ? 66 : 50) - (dark ? bright / 2 : bright) + (round === 2 ? 10 : 0)];
}

const number = new Intl.NumberFormat('en');
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
export function when(millis) {
  return (Date.now() - millis < 20 * 3600e3 ? clock : day).format(millis);
}
const thumbnail = id => `thumbnail?id=${encodeURIComponent(id)}`;

export class Panels {
  constructor(state, actions) {
    this.state = state;
    this.actions = actions;
    this.pressed = -1;
    this.rows = new Map();
    byId('order').addEventListener('change', () => this.classes(this.state.classes || []));
    this.image(null);
    this.rejections({ total: 0, reasons: {}, newest: [] });
    this.releases([]);
    this.marks([]);
  }

  themeChanged() {
    this.rows.clear();
    this.classes(this.state.classes || []);
  }

  classes(rows) {
    byId('classes-count').textContent = rows.length ? number.format(rows.length) : '';
    const share = row => row[2] ? row[3] / row[2] : -1;
    const order = byId('order').value;
    const sorted = [...rows];
    if (order === 'accuracy') sorted.sort((a, b) => share(a) - share(b) || a[0] - b[0]);
    if (order === 'name') sorted.sort((a, b) => this.state.labels[a[0]].localeCompare(this.state.labels[b[0]]));
    const body = byId('classes');
    const shown = sorted.map(row => this.classRow(row));
    if (shown.length !== body.children.length || shown.some((row, i) => body.children[i] !== row)) {
      const focused = document.activeElement;
      body.replaceChildren(...shown);
      if (focused && body.contains(focused)) focused.focus({ preventScroll: true });
    }
  }

  classRow([label, seen, predicted, right, support, dispersion]) {
    let row = this.rows.get(label);
    if (!row) {
      const button = element('button', { type: 'button', 'aria-pressed': 'false', title: 'Show on the map',
        on: { click: () => this.press(label) } }, element('span', { class: 'dot', colour: colourOf(label) }), element('span', {}, this.state.labels[label]));
      const progress = element('progress', { max: 1, value: 0, 'aria-label': 'Accuracy' });
      const value = element('span', { class: 'number' }, '–');
      row = element('tr', {}, element('th', { scope: 'row' }, button),
        element('td', {}, element('div', { class: 'bar' }, progress, value)),
        element('td', { class: 'number' }), element('td', { class: 'number' }));
      row.firstElementChild.style.position = 'static';
      row.firstElementChild.style.color = 'inherit';
      Object.assign(row, { button, progress, value });
      this.rows.set(label, row);
    }
    row.progress.value = predicted ? right / predicted : 0;
    row.value.textContent = predicted ? `${(100 * right / predicted).toFixed(0)} %` : '–';
    row.children[2].textContent = number.format(seen);
    row.children[3].textContent = support === null ? '–' : number.format(support);
    row.children[3].title = dispersion === null ? '' : `Mean similarity to the prototype: ${dispersion.toFixed(3)}`;
    row.button.setAttribute('aria-pressed', String(label === this.pressed));
    return row;
  }

  press(label) {
    this.pressed = this.pressed === label ? -1 : label;
    this.rows.forEach((row, key) => row.button.setAttribute('aria-pressed', String(key === this.pressed)));
    this.actions.highlight(this.pressed);
  }

  thumb(image, similarity) {
    const wrong = image.label !== null && image.nearest !== null && image.label !== image.nearest;
    const name = image.label ?? image.nearest ?? 'no class yet';
    const text = element('span', {}, name);
    const more = similarity !== undefined ? element('span', { class: 'soft' }, similarity.toFixed(3))
      : image.label === null ? element('span', { class: 'soft' }, 'query')
        : element('span', { class: wrong ? 'wrong' : 'soft' }, wrong ? `not ${image.nearest}` : image.nearest === null ? 'new' : 'right');
    return element('li', {}, element('button', { type: 'button', class: 'thumb', title: `${image.id}: ${name}`,
      on: { click: () => this.actions.open(image.slot, true) } },
    element('img', { src: thumbnail(image.id), alt: '', loading: 'lazy', width: 64, height: 64 }), text, more));
  }

  newest(images) {
    const list = byId('newest');
    // What is in use by the keyboard stays.
    if (list.contains(document.activeElement)) return;
    const key = images.map(image => image.slot + image.id).join();
    if (key === this.newestKey) return;
    this.newestKey = key;
    list.replaceChildren(...images.map(image => this.thumb(image)));
  }

  image(image, focus) {
    const box = byId('image');
    if (!image) {
      box.replaceChildren(element('p', { class: 'hint' }, 'Choose an image on the map, or below, to see its neighbours and what has been said of it.'));
      return;
    }
    const said = image.history[0];
    const history = element('table', {}, element('thead', {}, element('tr', {},
      ...['When', 'Version', 'Label', 'Nearest class'].map(name => element('th', { scope: 'col' }, name)))),
    element('tbody', {}, ...image.history.map(entry => element('tr', {},
      element('td', {}, when(entry.at)), element('td', { class: 'number' }, number.format(entry.version)),
      element('td', {}, entry.label ?? '–'),
      element('td', {}, entry.unknown ? 'unknown' : entry.nearest ?? 'none yet',
        entry.similarity === null ? '' : ` (${entry.similarity.toFixed(2)})`,
        entry.origin === 'learned' ? ', predicted before learning' : entry.origin === 'queried' ? ', asked' : '')))));
    box.replaceChildren(
      element('figure', {}, element('img', { src: thumbnail(image.id), alt: `Image ${image.id}`, width: 144, height: 144 }),
        element('figcaption', {}, element('strong', {}, image.label ?? image.nearest ?? 'no class'), element('br'), image.id)),
      element('div', {},
        element('div', { class: 'part' }, element('h3', {}, 'Nearest images'), element('ul', { class: 'thumbs', id: 'neighbours' },
          ...image.neighbours.map(neighbour => this.thumb(neighbour, neighbour.similarity)))),
        element('div', { class: 'part' }, element('h3', {}, 'Nearest classes'), element('ul', { class: 'reasons' },
          ...image.classes.map(near => element('li', {}, `${near.label}  ${near.similarity.toFixed(3)}`)))),
        element('div', { class: 'part' }, element('h3', {}, 'What was said of it'), history)));
    byId('image-title').textContent = said.origin === 'queried' ? 'Image that was asked about' : 'Image';
    if (focus) {
      box.focus({ preventScroll: true });
      box.closest('section').scrollIntoView({ block: 'nearest' });
    }
  }

  marks(marks) {
    byId('marks-count').textContent = marks.length ? number.format(marks.length) : '';
    byId('marks').replaceChildren(...[...marks].reverse().map(([kind, at, images, text]) => element('li', {},
      element('span', { class: `kind kind-${kind}` }, NAMES[kind]),
      element('span', { class: 'where', title: new Date(at).toISOString() }, `at ${number.format(images)}`),
      element('span', {}, text))));
  }

  releases(rows) {
    byId('releases-count').textContent = rows.length ? number.format(rows.length) : '';
    byId('releases').replaceChildren(...(rows.length ? rows.map(row => element('tr', {},
      element('td', { class: 'number' }, number.format(row.version)),
      element('td', {}, element('time', { datetime: new Date(row.at).toISOString() }, when(row.at))),
      element('td', {}, row.refused === undefined
        ? element('span', { class: 'badge good', title: `${row.uri}\n${row.sha256}` }, 'released')
        : element('span', { class: 'badge bad' }, 'refused'), ' ',
      row.refused ?? Object.entries(row.figures).map(([name, value]) => `${FIGURES[name] ?? name} ${Math.abs(value) <= 1 ? `${(100 * value).toFixed(1)} %` : value.toPrecision(4)}`).join(', '))))
      : [element('tr', {}, element('td', { colspan: 3, class: 'none' }, 'No release has been announced'))]));
  }

  rejections({ total, reasons, newest }) {
    byId('rejected-count').textContent = total ? number.format(total) : '';
    byId('reasons').replaceChildren(...Object.entries(reasons).sort((a, b) => b[1] - a[1])
      .map(([reason, count]) => element('li', {}, `${reason}  ${number.format(count)}`)));
    byId('rejected').replaceChildren(...(newest.length ? newest.map(record => element('article', { class: 'reject' },
      element('div', {}, element('span', { class: 'what' }, record.reason), ` ${record.message}`),
      element('div', { class: 'where' }, `${record.topic}, partition ${record.partition}, offset ${number.format(record.offset)}, ${when(record.at)}`
        + `${record.key === null ? '' : `, key ${record.key}`}${record.size < 0 ? '' : `, ${number.format(record.size)} bytes`}`),
      record.size > 0 ? element('pre', { tabindex: 0, role: 'group', 'aria-label': 'First bytes' }, dump(record.bytes)) : '')) : [element('p', { class: 'none' }, 'None')]));
  }
}

export const NAMES = { class: 'Class', release: 'Release', refused: 'Refused', drift: 'Drift', shift: 'Shift', restart: 'Restart' };
const FIGURES = { heldOutAccuracy: 'held-out accuracy', windowAccuracy: 'window accuracy', prequentialAccuracy: 'accuracy so far' };

/** First bytes as hexadecimal digits and as text. */
function dump(base64) {
  const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
  const lines = [];
  for (let from = 0; from < bytes.length; from += 16) {
    const line = [...bytes.slice(from, from + 16)];
    lines.push(`${line.map(byte => byte.toString(16).padStart(2, '0')).join(' ').padEnd(49)}${line.map(byte => byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·').join('')}`);
  }
  return lines.join('\n');
}
