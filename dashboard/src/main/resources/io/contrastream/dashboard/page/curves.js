// Curves over images or time, with what happened marked on them. A row is
// [time, images, version, window accuracy, accuracy of all, loss, images a second, cosine of shift, neighbours kept].
import { byId } from './panels.js';

const AT = 0, IMAGES = 1, WINDOW = 3, ALL = 4, LOSS = 5, RATE = 6, COSINE = 7, OVERLAP = 8;
const KINDS = { class: '--accent', release: '--good', refused: '--bad', drift: '--bad', shift: '--warn', restart: '--bad' };
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class Curves {
  constructor(state) {
    this.state = state;
    this.axis = 'images';
    this.charts = [];
    byId('axis').addEventListener('change', event => {
      this.axis = event.target.value;
      this.build();
    });
    new ResizeObserver(() => this.resize()).observe(byId('accuracy'));
  }

  themeChanged() { this.build(); }

  build() {
    this.charts.forEach(chart => chart.destroy());
    const percent = value => value === null || value === undefined ? '–' : `${value.toFixed(1)} %`;
    const plain = value => value === null || value === undefined ? '–' : value.toPrecision(4);
    const line = (label, stroke, width, value, more) => ({ label, stroke, width, value: (chart, raw) => value(raw), spanGaps: true, points: { show: false }, ...more });
    this.charts = [
      this.chart('accuracy', 230, 'Accuracy, predicted before the label is used', [0, 100], [
        line('newest images', css('--accent'), 2, percent, { fill: css('--accent') + '14' }),
        line('all images', css('--soft'), 1.5, percent, { dash: [5, 4] })], value => `${value} %`, true),
      this.chart('loss', 130, 'Loss', null, [line('loss', css('--warn'), 1.5, plain)], null, false),
      this.chart('rest', 130, 'Neighbours and direction kept when memory is re-encoded', [0, 100], [
        line('neighbours kept', css('--good'), 1.5, percent),
        line('cosine', css('--soft'), 1.2, percent, { dash: [3, 3] })], value => `${value} %`, false),
    ];
    this.update();
  }

  chart(id, height, title, range, series, format, names) {
    const box = byId(id);
    const time = this.axis === 'time';
    const axis = { stroke: css('--soft'), grid: { stroke: css('--line'), width: 1 }, ticks: { stroke: css('--line'), size: 4 }, font: '11px system-ui, sans-serif' };
    const x = time ? 'time' : 'images';
    box.addEventListener('mouseleave', () => this.newest());
    return new uPlot({
      title, width: Math.max(200, box.clientWidth), height,
      cursor: { y: false, sync: { key: 'learning' }, drag: { x: true, y: false } },
      scales: { x: { time }, y: range ? { range } : { range: (chart, low, high) => low === null ? [0, 1] : [0, high * 1.1 || 1] } },
      axes: [{ ...axis, size: 32, values: time ? undefined : (chart, ticks) => ticks.map(tick => tick.toLocaleString('en')) },
        { ...axis, size: 50, values: format ? (chart, ticks) => ticks.map(format) : undefined }],
      series: [{ label: x, value: (chart, raw) => raw === null ? '–' : time ? new Date(raw * 1000).toLocaleTimeString('en-GB') : raw.toLocaleString('en') }, ...series],
      legend: { markers: { width: 0, fill: (chart, i) => chart.series[i].stroke(chart, i) } },
      hooks: { draw: [chart => this.drawMarks(chart, names)] },
    }, [[0], ...series.map(() => [null])], box);
  }

  rows() {
    if (this.axis === 'time') return this.state.curve;
    // After a restart the images since the checkpoint come again: what was then is replaced.
    const kept = [];
    let next = Infinity;
    for (let i = this.state.curve.length - 1; i >= 0; i--) {
      if (this.state.curve[i][IMAGES] < next) {
        kept.push(this.state.curve[i]);
        next = this.state.curve[i][IMAGES];
      }
    }
    return kept.reverse();
  }

  update() {
    if (!this.charts.length) return;
    const rows = this.rows();
    const time = this.axis === 'time';
    const x = rows.map(row => time ? row[AT] / 1000 : row[IMAGES]);
    const column = (index, factor) => rows.map(row => row[index] === null ? null : row[index] * factor);
    if (!rows.length) return;
    this.charts[0].setData([x, column(WINDOW, 100), column(ALL, 100)]);
    this.charts[1].setData([x, column(LOSS, 1)]);
    this.charts[2].setData([x, column(OVERLAP, 100), column(COSINE, 100)]);
    this.newest();
    const last = rows[rows.length - 1];
    byId('accuracy').setAttribute('aria-label', `Accuracy over ${this.axis}: ${(100 * last[WINDOW]).toFixed(1)} per cent of the newest, `
      + `${(100 * last[ALL]).toFixed(1)} per cent of all ${last[IMAGES].toLocaleString('en')} images`);
    const loss = [...rows].reverse().find(row => row[LOSS] !== null);
    byId('loss').setAttribute('aria-label', `Loss over ${this.axis}${loss ? `: ${loss[LOSS].toPrecision(3)}` : ''}`);
    const moved = [...rows].reverse().find(row => row[OVERLAP] !== null && row[COSINE] !== null);
    byId('rest').setAttribute('aria-label', `How far the embedding space moves, over ${this.axis}`
      + (moved ? `: ${(100 * moved[OVERLAP]).toFixed(1)} per cent of neighbours kept, cosine ${moved[COSINE].toFixed(2)}` : ''));
  }

  /** Where nobody points, the legend has the newest figures; the chart empties it when it is done with its own work. */
  newest() {
    setTimeout(() => this.charts.forEach(chart => {
      if (chart.cursor.idx === null || chart.cursor.idx === undefined) chart.setLegend({ idx: chart.data[0].length - 1 });
    }));
  }

  drawMarks(chart, names) {
    const { ctx, bbox } = chart;
    const ratio = uPlot.pxRatio;
    const time = this.axis === 'time';
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = `${10 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    let free = -Infinity;
    for (const [kind, at, images, text] of this.state.marks) {
      if (!names && (kind === 'release' || kind === 'refused')) continue;
      const x = Math.round(chart.valToPos(time ? at / 1000 : images, 'x', true));
      if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) continue;
      ctx.strokeStyle = ctx.fillStyle = css(KINDS[kind]);
      ctx.globalAlpha = kind === 'class' ? 0.45 : 0.8;
      ctx.lineWidth = ratio;
      ctx.setLineDash(kind === 'class' ? [2 * ratio, 3 * ratio] : kind === 'drift' || kind === 'shift' ? [6 * ratio, 3 * ratio] : []);
      ctx.beginPath();
      const top = kind === 'release' || kind === 'refused' ? bbox.top + bbox.height - 14 * ratio : bbox.top;
      ctx.moveTo(x, top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.setLineDash([]);
      if (kind === 'release' || kind === 'refused') {
        ctx.globalAlpha = 1;
        ctx.beginPath();
        ctx.moveTo(x - 4 * ratio, top);
        ctx.lineTo(x + 4 * ratio, top);
        ctx.lineTo(x, top - 7 * ratio);
        ctx.fill();
      }
      if (names && (kind === 'class' || kind === 'restart') && x > free) {
        ctx.globalAlpha = 0.95;
        ctx.save();
        ctx.translate(x + 3 * ratio, bbox.top + 4 * ratio);
        ctx.rotate(Math.PI / 2);
        ctx.textBaseline = 'bottom';
        ctx.fillText(text.length > 22 ? `${text.slice(0, 21)}…` : text, 0, 0);
        ctx.restore();
        free = x + 12 * ratio;
      }
    }
    ctx.restore();
  }

  resize() {
    this.charts.forEach((chart, i) => chart.setSize({ width: Math.max(200, byId(['accuracy', 'loss', 'rest'][i]).clientWidth), height: chart.height }));
  }
}
