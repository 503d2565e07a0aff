// The map of the embedding space, on a canvas: points are put into the picture's own memory, pixel by pixel, which takes the same time on
// every machine; prototypes, thumbnails and what is chosen are drawn over them.
import { hsl, colourOf } from './panels.js';

const BYTES = 12, NONE = 0xFFFF, NO_LABEL = 0xFFFE, RIGHT = 1, QUERY = 2, UNKNOWN = 4;
const MOVE_MILLIS = 900, TRAIL = 40, PICTURE = 34, CELL = 74, MOST_PICTURES = 600;
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const calm = matchMedia('(prefers-reduced-motion: reduce)');

export class SpaceMap {
  constructor(canvas, state, open) {
    this.canvas = canvas;
    this.state = state;
    this.open = open;
    this.context = canvas.getContext('2d', { alpha: false });
    this.capacity = 0;
    this.size = 0;
    this.unit = 1;
    this.prototypes = new Map();
    this.view = { x: 0, y: 0, scale: 1 };
    this.aim = null;
    this.followed = true;
    this.selected = -1;
    this.neighbours = [];
    this.focused = -1;
    this.highlighted = -1;
    this.pictures = new Map();
    this.chosen = [];
    this.draws = 0;
    this.movedUntil = 0;
    this.allocate(0);
    this.listen();
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
  }

  allocate(capacity) {
    this.capacity = capacity;
    for (const name of ['x0', 'y0', 'x1', 'y1']) this[name] = new Float32Array(capacity);
    this.start = new Float64Array(capacity);
    this.label = new Uint16Array(capacity).fill(NONE);
    this.flags = new Uint16Array(capacity);
    this.hash = new Uint16Array(capacity);
  }

  // ---- what the server tells ----
  update(map, whole) {
    const now = performance.now();
    if (map.capacity !== this.capacity || whole) {
      const same = map.capacity === this.capacity;
      if (!same) this.allocate(map.capacity);
      else this.label.fill(NONE);
    }
    this.unit = map.unit;
    this.size = map.size;
    const binary = atob(map.points);
    const data = new DataView(new ArrayBuffer(binary.length));
    for (let i = 0; i < binary.length; i++) data.setUint8(i, binary.charCodeAt(i));
    const jump = whole || calm.matches;
    for (let at = 0; at < data.byteLength; at += BYTES) {
      const slot = data.getUint16(at, true);
      if (slot >= this.capacity) continue;
      const label = data.getUint16(at + 2, true);
      const x = data.getInt16(at + 4, true) / this.unit, y = -data.getInt16(at + 6, true) / this.unit;
      const hash = data.getUint16(at + 10, true);
      const is = label !== NONE && this.label[slot] !== NONE && this.hash[slot] === hash && !jump;
      const t = is ? this.progress(slot, now) : 1;
      this.x0[slot] = is ? this.x0[slot] + (this.x1[slot] - this.x0[slot]) * t : x;
      this.y0[slot] = is ? this.y0[slot] + (this.y1[slot] - this.y0[slot]) * t : y;
      this.x1[slot] = x;
      this.y1[slot] = y;
      this.start[slot] = is ? now : -1e9;
      this.label[slot] = label;
      this.flags[slot] = data.getUint16(at + 8, true);
      this.hash[slot] = hash;
    }
    const before = this.prototypes;
    this.prototypes = new Map();
    for (const [label, px, py] of map.prototypes) {
      const x = px / this.unit, y = -py / this.unit;
      const old = before.get(label);
      const trail = old && !map.turned && !whole ? old.trail : [];
      if (!trail.length || trail[trail.length - 1][0] !== x || trail[trail.length - 1][1] !== y) trail.push([x, y]);
      if (trail.length > TRAIL) trail.shift();
      const from = old && !jump ? this.at(old, now) : [x, y];
      this.prototypes.set(label, { x0: from[0], y0: from[1], x1: x, y1: y, start: now, trail });
    }
    this.movedUntil = now + MOVE_MILLIS;
    this.stale = true;
    if (this.followed) this.fit(whole);
    document.getElementById('map-empty').hidden = this.size > 0;
    const text = this.size ? `${this.size.toLocaleString('en')} images, ${this.prototypes.size.toLocaleString('en')} prototypes` : '';
    document.getElementById('map-note').textContent = map.turned && !whole ? `${text}; looked at from a new side` : text;
    this.canvas.setAttribute('aria-label', `Map of the embedding space: ${text || 'no embeddings yet'}`);
    this.refresh();
  }

  progress(slot, now) { return Math.min(1, (now - this.start[slot]) / MOVE_MILLIS); }

  at(prototype, now) {
    const t = ease(Math.min(1, (now - prototype.start) / MOVE_MILLIS));
    return [prototype.x0 + (prototype.x1 - prototype.x0) * t, prototype.y0 + (prototype.y1 - prototype.y0) * t];
  }

  // ---- what is looked at ----
  fit(atOnce) {
    const xs = [], ys = [];
    const step = Math.max(1, Math.floor(this.size / 4000));
    let n = 0;
    for (let i = 0; i < this.capacity; i++) {
      if (this.label[i] === NONE || n++ % step) continue;
      xs.push(this.x1[i]);
      ys.push(this.y1[i]);
    }
    for (const prototype of this.prototypes.values()) { xs.push(prototype.x1); ys.push(prototype.y1); }
    if (!xs.length) return;
    xs.sort((a, b) => a - b);
    ys.sort((a, b) => a - b);
    const low = Math.floor(xs.length * 0.003), high = xs.length - 1 - low;
    const width = Math.max(0.02, xs[high] - xs[low]), height = Math.max(0.02, ys[high] - ys[low]);
    const aim = { x: (xs[low] + xs[high]) / 2, y: (ys[low] + ys[high]) / 2,
      scale: Math.min((this.width - 90 * this.ratio) / width, (this.height - 80 * this.ratio) / height) };
    // Small changes of the extent would make the picture breathe.
    const goal = this.aim || this.view;
    const off = Math.hypot(aim.x - goal.x, aim.y - goal.y) * goal.scale;
    if (!atOnce && off < 12 * this.ratio && Math.abs(Math.log(aim.scale / goal.scale)) < 0.06) return;
    if (atOnce || calm.matches || !this.fitted) { this.view = aim; this.aim = null; } else this.aim = aim;
    this.fitted = true;
    this.stale = true;
    this.refresh();
  }

  resize() {
    this.ratio = Math.min(2, window.devicePixelRatio || 1);
    const width = Math.max(1, Math.round(this.canvas.clientWidth * this.ratio));
    const height = Math.max(1, Math.round(this.canvas.clientHeight * this.ratio));
    if (width === this.width && height === this.height) return;
    this.width = this.canvas.width = width;
    this.height = this.canvas.height = height;
    this.picture = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.picture.data.buffer);
    this.masks = new Map();
    if (this.followed) this.fit(true);
    this.stale = true;
    this.refresh();
  }

  themeChanged() {
    this.colours = null;
    this.masks = new Map();
    this.refresh();
  }

  highlight(label) { this.highlighted = label; this.stale = true; this.refresh(); }

  select(slot, neighbours) {
    this.selected = slot;
    this.neighbours = neighbours;
    if (slot >= 0) this.focused = slot;
    this.refresh();
  }

  refresh() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(now => { this.pending = false; this.draw(now); });
  }

  // ---- drawing ----
  draw(now) {
    this.draws++;
    let busy = now < this.movedUntil;
    if (this.aim) {
      const k = 0.16;
      this.view = { x: this.view.x + (this.aim.x - this.view.x) * k, y: this.view.y + (this.aim.y - this.view.y) * k,
        scale: this.view.scale * Math.exp(Math.log(this.aim.scale / this.view.scale) * k) };
      if (Math.abs(Math.log(this.aim.scale / this.view.scale)) < 0.002
        && Math.hypot(this.aim.x - this.view.x, this.aim.y - this.view.y) * this.view.scale < 0.5) { this.view = this.aim; this.aim = null; }
      busy = true;
    }
    this.drawPoints(now);
    this.drawOver(now, busy);
    if (busy) this.refresh();
  }

  colourTable() {
    if (this.colours) return this.colours;
    this.background = rgb(css('--map'));
    this.grey = rgb(css('--soft'));
    this.colours = [];
    return this.colours;
  }

  colour(label) {
    if (label === NO_LABEL) return this.grey;
    return this.colours[label] ??= hslToRgb(...hsl(label));
  }

  /** How opaque a point is around its middle, in 1/256. */
  mask(ring) {
    const key = ring ? 1 : 0;
    if (this.masks.has(key)) return this.masks.get(key);
    const crowd = this.size > 6000 ? 1.7 : this.size > 1500 ? 2.2 : 3;
    const radius = crowd * this.ratio;
    const reach = Math.ceil(radius + 0.5);
    const mask = { reach, side: 2 * reach + 1, crowd, alpha: new Uint16Array((2 * reach + 1) ** 2) };
    for (let y = -reach, i = 0; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++, i++) {
        const distance = Math.hypot(x, y);
        let cover = Math.max(0, Math.min(1, radius + 0.5 - distance));
        if (ring) cover = Math.min(cover, Math.max(0, Math.min(1, distance - radius + 0.5 + 1.3 * this.ratio)));
        mask.alpha[i] = Math.round(cover * (ring ? 235 : 190));
      }
    }
    this.masks.set(key, mask);
    return mask;
  }

  drawPoints(now) {
    this.colourTable();
    const crowd = this.size > 6000 ? 1.7 : this.size > 1500 ? 2.2 : 3;
    if (this.masks.size && this.masks.values().next().value.crowd !== crowd) this.masks.clear();
    const disc = this.mask(false), ring = this.mask(true);
    const { pixels, width, height } = this;
    const [br, bg, bb] = this.background;
    pixels.fill(0xFF000000 | bb << 16 | bg << 8 | br);
    const { x: cx, y: cy, scale } = this.view;
    const middleX = width / 2, middleY = height / 2;
    for (let i = 0; i < this.capacity; i++) {
      const label = this.label[i];
      if (label === NONE) continue;
      let x = this.x1[i], y = this.y1[i];
      const elapsed = now - this.start[i];
      if (elapsed < MOVE_MILLIS) {
        const t = ease(Math.max(0, elapsed) / MOVE_MILLIS);
        x = this.x0[i] + (x - this.x0[i]) * t;
        y = this.y0[i] + (y - this.y0[i]) * t;
      }
      const mask = this.flags[i] & QUERY ? ring : disc;
      const left = Math.round((x - cx) * scale + middleX) - mask.reach, top = Math.round((y - cy) * scale + middleY) - mask.reach;
      if (left < 0 || top < 0 || left + mask.side > width || top + mask.side > height) continue;
      const colour = this.flags[i] & UNKNOWN ? this.grey : this.colour(label);
      const dim = this.highlighted >= 0 && this.highlighted !== label ? 5 : 0;
      const r = colour[0], g = colour[1], b = colour[2];
      for (let row = 0, m = 0; row < mask.side; row++) {
        let p = (top + row) * width + left;
        for (let column = 0; column < mask.side; column++, m++, p++) {
          let a = mask.alpha[m];
          if (a === 0) continue;
          if (dim) a = a / dim | 0;
          const under = pixels[p], rest = 256 - a;
          pixels[p] = 0xFF000000 | ((under >> 16 & 255) * rest + b * a >> 8) << 16
            | ((under >> 8 & 255) * rest + g * a >> 8) << 8 | ((under & 255) * rest + r * a >> 8);
        }
      }
    }
    this.context.putImageData(this.picture, 0, 0);
  }

  place(i, now) {
    let x = this.x1[i], y = this.y1[i];
    const elapsed = now - this.start[i];
    if (elapsed < MOVE_MILLIS) {
      const t = ease(Math.max(0, elapsed) / MOVE_MILLIS);
      x = this.x0[i] + (x - this.x0[i]) * t;
      y = this.y0[i] + (y - this.y0[i]) * t;
    }
    return this.onScreen(x, y);
  }

  onScreen(x, y) {
    return [(x - this.view.x) * this.view.scale + this.width / 2, (y - this.view.y) * this.view.scale + this.height / 2];
  }

  drawOver(now, busy) {
    const c = this.context, q = this.ratio;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.globalAlpha = 1;
    if (document.getElementById('thumbnails').checked) this.drawPictures(now, busy);
    c.lineJoin = 'round';
    // The way of each prototype under successive versions of the encoder.
    c.lineWidth = 1.4 * q;
    for (const [label, prototype] of this.prototypes) {
      if (prototype.trail.length < 2) continue;
      c.strokeStyle = colourOf(label);
      for (let i = 1; i < prototype.trail.length; i++) {
        c.globalAlpha = 0.6 * i / prototype.trail.length;
        c.beginPath();
        c.moveTo(...this.onScreen(...prototype.trail[i - 1]));
        c.lineTo(...this.onScreen(...prototype.trail[i]));
        c.stroke();
      }
    }
    c.globalAlpha = 1;
    const [ink, ground] = [css('--ink'), css('--map')];
    if (this.selected >= 0 && this.selected < this.capacity && this.label[this.selected] !== NONE) {
      const from = this.place(this.selected, now);
      c.strokeStyle = ink;
      c.globalAlpha = 0.45;
      c.lineWidth = q;
      for (const neighbour of this.neighbours) {
        if (this.label[neighbour] === NONE) continue;
        const to = this.place(neighbour, now);
        c.beginPath();
        c.moveTo(...from);
        c.lineTo(...to);
        c.stroke();
        c.beginPath();
        c.arc(to[0], to[1], 5.5 * q, 0, 7);
        c.stroke();
      }
      c.globalAlpha = 1;
      this.circle(from, 8 * q, ink, 2 * q);
    }
    if (this.focused >= 0 && this.focused !== this.selected && this.focused < this.capacity && this.label[this.focused] !== NONE) {
      this.circle(this.place(this.focused, now), 8 * q, css('--accent'), 2 * q);
    }
    c.font = `600 ${12 * q}px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif`;
    c.textBaseline = 'middle';
    const taken = [];
    const many = this.prototypes.size > 60;
    for (const [label, prototype] of this.prototypes) {
      const [x, y] = this.onScreen(...this.at(prototype, now));
      const faded = this.highlighted >= 0 && this.highlighted !== label;
      c.globalAlpha = faded ? 0.25 : 1;
      c.beginPath();
      c.arc(x, y, (many ? 4 : 6) * q, 0, 7);
      c.fillStyle = colourOf(label);
      c.fill();
      c.lineWidth = 2 * q;
      c.strokeStyle = ground;
      c.stroke();
      const name = this.state.labels[label] ?? '';
      const short = name.length > 24 ? `${name.slice(0, 23)}…` : name;
      const width = c.measureText(short).width;
      const box = [x + 10 * q, y - 8 * q, width, 16 * q];
      if (box[0] + width > this.width) box[0] = x - 10 * q - width;
      if (faded || taken.some(other => overlaps(box, other))) continue;
      taken.push(box);
      c.lineWidth = 3.5 * q;
      c.strokeStyle = ground;
      c.strokeText(short, box[0], y);
      c.fillStyle = ink;
      c.fillText(short, box[0], y);
    }
    c.globalAlpha = 1;
  }

  circle([x, y], radius, colour, width) {
    const c = this.context;
    c.beginPath();
    c.arc(x, y, radius, 0, 7);
    c.lineWidth = width;
    c.strokeStyle = colour;
    c.stroke();
  }

  /** One image in a part of the map, which stays the one while it is there. */
  choosePictures(now) {
    const cell = CELL * this.ratio;
    const columns = Math.ceil(this.width / cell);
    const cells = new Map();
    const offer = i => {
      if (this.label[i] === NONE || (this.highlighted >= 0 && this.label[i] !== this.highlighted)) return;
      const picture = this.pictures.get(i);
      if (picture && picture.hash === this.hash[i] && picture.failed) return;
      const [x, y] = this.onScreen(this.x1[i], this.y1[i]);
      if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
      const key = Math.floor(y / cell) * columns + Math.floor(x / cell);
      if (!cells.has(key)) cells.set(key, i);
    };
    this.chosen.forEach(i => offer(i));
    for (let i = 0; i < this.capacity; i++) offer(i);
    this.chosen = [...cells.values()];
    this.chosenAt = now;
    for (const i of this.chosen) {
      const picture = this.pictures.get(i);
      if (picture && picture.hash === this.hash[i]) continue;
      const image = new Image();
      const entry = { image, hash: this.hash[i], failed: false, ready: false };
      image.onload = () => { entry.ready = true; this.refresh(); };
      image.onerror = () => { entry.failed = true; };
      image.src = `thumbnail?slot=${i}&h=${this.hash[i]}`;
      this.pictures.delete(i);
      this.pictures.set(i, entry);
      if (this.pictures.size > MOST_PICTURES) this.pictures.delete(this.pictures.keys().next().value);
    }
  }

  drawPictures(now, busy) {
    // While things move it is chosen anew now and then, and once more when they have come to rest.
    if (this.stale && (!busy || !this.chosenAt || now - this.chosenAt > 700)) {
      this.choosePictures(now);
      this.stale = busy;
    }
    const c = this.context, side = PICTURE * this.ratio;
    for (const i of this.chosen) {
      const picture = this.pictures.get(i);
      if (!picture || !picture.ready || this.label[i] === NONE || picture.hash !== this.hash[i]) continue;
      const [x, y] = this.place(i, now);
      const left = x - side / 2, top = y - side / 2;
      c.fillStyle = this.flags[i] & UNKNOWN || this.label[i] === NO_LABEL ? css('--soft') : colourOf(this.label[i]);
      c.beginPath();
      c.roundRect(left - 2 * this.ratio, top - 2 * this.ratio, side + 4 * this.ratio, side + 4 * this.ratio, 5 * this.ratio);
      c.fill();
      c.drawImage(picture.image, left, top, side, side);
    }
  }

  // ---- hands and keys ----
  nearest(x, y, most) {
    let best = -1, distance = most * most;
    for (let i = 0; i < this.capacity; i++) {
      if (this.label[i] === NONE) continue;
      const [px, py] = this.onScreen(this.x1[i], this.y1[i]);
      const d = (px - x) ** 2 + (py - y) ** 2;
      if (d < distance) { distance = d; best = i; }
    }
    return best;
  }

  zoom(factor, x = this.width / 2, y = this.height / 2) {
    this.followed = false;
    this.aim = null;
    const scale = Math.max(20, Math.min(4e5, this.view.scale * factor));
    const wx = (x - this.width / 2) / this.view.scale + this.view.x, wy = (y - this.height / 2) / this.view.scale + this.view.y;
    this.view = { scale, x: wx - (x - this.width / 2) / scale, y: wy - (y - this.height / 2) / scale };
    this.stale = true;
    this.refresh();
  }

  listen() {
    const { canvas } = this;
    document.getElementById('fit').addEventListener('click', () => { this.followed = true; this.fit(false); });
    document.getElementById('thumbnails').addEventListener('change', () => this.refresh());
    canvas.addEventListener('wheel', event => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.0015), event.offsetX * this.ratio, event.offsetY * this.ratio);
    }, { passive: false });
    const pointers = new Map();
    let moved = 0;
    canvas.addEventListener('pointerdown', event => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
      moved = pointers.size > 1 ? 99 : 0;
    });
    canvas.addEventListener('pointermove', event => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const now = [event.offsetX, event.offsetY];
      if (pointers.size === 1) {
        moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
        if (moved > 4) {
          this.followed = false;
          this.aim = null;
          this.view.x -= (now[0] - before[0]) * this.ratio / this.view.scale;
          this.view.y -= (now[1] - before[1]) * this.ratio / this.view.scale;
          this.stale = true;
          this.refresh();
        }
      } else {
        const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
        const span = point => Math.hypot(point[0] - other[0], point[1] - other[1]);
        this.zoom(span(now) / Math.max(1, span(before)), (now[0] + other[0]) / 2 * this.ratio, (now[1] + other[1]) / 2 * this.ratio);
      }
      pointers.set(event.pointerId, now);
    });
    const up = event => {
      if (pointers.delete(event.pointerId) && event.type === 'pointerup' && moved <= 4) {
        const found = this.nearest(event.offsetX * this.ratio, event.offsetY * this.ratio, 22 * this.ratio);
        if (found >= 0) this.open(found, false);
        else this.select(-1, []);
      }
    };
    canvas.addEventListener('pointerup', up);
    canvas.addEventListener('pointercancel', up);
    canvas.addEventListener('keydown', event => this.key(event));
  }

  key(event) {
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const direction = directions[event.key];
    if (direction) {
      this.step(direction);
    } else if (event.key === 'Enter' && this.focused >= 0) {
      this.open(this.focused, true);
    } else if (event.key === '+' || event.key === '=') {
      this.zoom(1.25);
    } else if (event.key === '-') {
      this.zoom(0.8);
    } else if (event.key === '0') {
      this.followed = true;
      this.fit(false);
    } else if (event.key === 'Escape') {
      this.focused = -1;
      this.select(-1, []);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** To the nearest image in a direction. */
  step([dx, dy]) {
    if (this.focused < 0 || this.focused >= this.capacity || this.label[this.focused] === NONE) {
      this.focused = this.nearest(this.width / 2, this.height / 2, Infinity);
    } else {
      const [fx, fy] = this.onScreen(this.x1[this.focused], this.y1[this.focused]);
      let best = -1, least = Infinity;
      for (let i = 0; i < this.capacity; i++) {
        if (this.label[i] === NONE || i === this.focused) continue;
        const [x, y] = this.onScreen(this.x1[i], this.y1[i]);
        const along = (x - fx) * dx + (y - fy) * dy, across = Math.abs((x - fx) * dy) + Math.abs((y - fy) * dx);
        if (along <= 6 * this.ratio || across > along) continue;
        const cost = along + 2 * across;
        if (cost < least) { least = cost; best = i; }
      }
      if (best >= 0) this.focused = best;
    }
    if (this.focused >= 0) {
      const flags = this.flags[this.focused], label = this.label[this.focused];
      const name = label === NO_LABEL ? 'no class yet' : this.state.labels[label];
      document.getElementById('map-live').textContent = `${name}${flags & UNKNOWN ? ', unknown' : flags & QUERY ? ', asked about' : flags & RIGHT ? ', predicted rightly' : ', predicted wrongly'}`;
    }
    this.refresh();
  }
}

function ease(t) { return t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2; }

function overlaps(a, b) {
  return a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3];
}

function rgb(hex) {
  return [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
}

function hslToRgb(h, s, l) {
  const a = s / 100 * Math.min(l / 100, 1 - l / 100);
  return [0, 8, 4].map(n => {
    const k = (n + h / 30) % 12;
    return Math.round(255 * (l / 100 - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  });
}
