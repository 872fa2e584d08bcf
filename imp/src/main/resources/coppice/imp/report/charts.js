'use strict';

// Each function gives the ECharts option of one chart. Weights left stand on a logarithmic axis that falls to the right: its
// coordinate is the number of halvings, −log₂ of the density.
const halvings = density => -Math.log2(density);

function base(theme, narrow) {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif', fontSize: 12, color: theme.text },
    grid: { left: 4, right: narrow ? 14 : 20, top: 24, bottom: 28, containLabel: true },
    tooltip: {
      trigger: 'axis', confine: true, appendToBody: false, transitionDuration: 0,
      backgroundColor: theme.surface, borderColor: theme.axis, textStyle: { color: theme.text, fontSize: 12 },
      axisPointer: { type: 'line', lineStyle: { color: theme.axis } },
    },
  };
}

function axis(theme, settings) {
  return {
    type: 'value', scale: true, nameTextStyle: { color: theme.muted, fontSize: 12 },
    axisLine: { show: true, lineStyle: { color: theme.axis } }, axisTick: { show: false },
    axisLabel: { color: theme.muted, hideOverlap: true, ...settings.axisLabel },
    splitLine: { lineStyle: { color: theme.line } },
    ...Object.fromEntries(Object.entries(settings).filter(([key]) => key !== 'axisLabel')),
  };
}

const underAxis = { nameLocation: 'middle', nameGap: 28 };

function weightsLeftAxis(theme, lines, narrow) {
  const sparsest = Math.max(1, ...lines.flatMap(line => line.levels.map(level => halvings(level.density))));
  const interval = Math.ceil(sparsest / (narrow ? 5 : 9));
  return axis(theme, {
    ...underAxis, name: 'weights left (%)', scale: false, min: 0, max: Math.ceil(10 * sparsest + 1) / 10, interval,
    axisLabel: { formatter: value => Number.isInteger(value) ? Number(percentNumber(2 ** -value)) : '' },
  });
}

/** A tooltip: a heading and one row of cells per line. */
function tip(heading, rows) {
  const table = element('table', {}, ...rows.map(row => element('tr', {}, ...row.map(cell => element('td', {}, cell)))));
  return element('div', { class: 'tip' }, element('b', {}, heading), table);
}

/** The mark of a line in legends and tooltips. */
function mark(colour, dash, symbol) {
  const shapes = {
    circle: `<circle cx="14" cy="6" r="3.5"/>`, triangle: `<path d="M14 1.5 18.5 10h-9z"/>`,
    diamond: `<path d="M14 1.2 18.2 6 14 10.8 9.8 6z"/>`, none: '',
  };
  const holder = element('span', { class: 'legend-mark', style: 'margin-left:0', 'aria-hidden': 'true' });
  holder.innerHTML = `<svg width="28" height="12" fill="${colour}"><path d="M0 6h28" fill="none" stroke="${colour}" stroke-width="2"`
    + ` stroke-dasharray="${dash.join(' ')}"/>${shapes[symbol]}</svg>`;
  return holder.firstChild;
}

function lineSeries(line, data, more = {}) {
  return {
    type: 'line', name: line.name, data, symbol: line.symbol, symbolSize: line.symbol === 'triangle' ? 8 : 7, showSymbol: true,
    itemStyle: { color: line.colour }, lineStyle: { color: line.colour, width: 2, type: line.dash.length ? line.dash : 'solid' },
    emphasis: { disabled: true }, ...more,
  };
}

/**
 * The band from the least to the greatest replicate: a closed line there and back, filled. (Stacked areas, the usual way, need an
 * axis of categories.)
 */
function bandSeries(line, value) {
  const there = line.levels.map(level => [halvings(level.density), value(level).greatest]);
  const back = line.levels.map(level => [halvings(level.density), value(level).least]).reverse();
  return {
    type: 'line', data: [...there, ...back], symbol: 'none', silent: true, z: 1, emphasis: { disabled: true },
    lineStyle: { width: 0, opacity: 0 }, areaStyle: { color: line.colour, opacity: 0.16 },
  };
}

/**
 * A measured Range of every level against weights left.
 * @param lines {key, name, colour, dash, symbol, band, levels}
 * @param measure {value: level → Range, text: number → string, axis: of the ordinate,
 *   limits and references: lines → least value of the ordinate, lines of reference}
 */
function againstWeightsLeft(theme, narrow, lines, measure) {
  const at = level => halvings(level.density);
  const series = lines.flatMap(line => [
    ...(line.band ? [bandSeries(line, measure.value)] : []),
    lineSeries(line, line.levels.map(level => [at(level), measure.value(level).mean])),
  ]);
  const references = measure.references ? measure.references(lines) : [];
  if (references.length && series.length) {
    series.push({
      type: 'line', data: [], silent: true, markLine: {
        silent: true, symbol: 'none', animation: false, precision: 6,
        data: references.map(({ text, position, colour, dash, ...where }) => ({
          ...where, lineStyle: { color: colour || theme.muted, width: 1, type: dash },
          label: { show: !!text, formatter: text, position, color: theme.muted, fontSize: 11 },
        })),
      },
    });
  }
  const option = base(theme, narrow);
  option.tooltip.formatter = points => {
    const x = points[0].axisValue;
    const levels = lines.map(line => line.levels.find(level => Math.abs(at(level) - x) < 0.02));
    const first = levels.find(level => level);
    return first && tip(`${percentLeft(first.density)} of weights left (level ${first.level})`, lines.flatMap((line, i) => {
      if (!levels[i]) {
        return [];
      }
      const { mean, least, greatest } = measure.value(levels[i]);
      const range = least === greatest ? '' : `${measure.text(least)} – ${measure.text(greatest)}`;
      const name = element('span', {}, mark(line.colour, line.dash, line.symbol), ' ' + line.name);
      return [[name, element('b', {}, measure.text(mean)), range]];
    }));
  };
  return { ...option, xAxis: weightsLeftAxis(theme, lines, narrow), yAxis: axis(theme, { ...measure.axis, ...measure.limits?.(lines) }), series };
}

/**
 * Learning curves.
 * @param lines {name, colour, curves}
 * @param all the curves of all panels, which get the same axes
 */
function learningCurves(theme, narrow, lines, all, quantity) {
  const isLoss = quantity.endsWith('Loss');
  const option = base(theme, narrow);
  option.tooltip.formatter = points => tip(`iteration ${count(points[0].axisValue)}`, points.map(point => [
    element('span', {}, mark(point.color, [], 'none'), ' ' + point.seriesName),
    element('b', {}, isLoss ? loss(point.value[1]) : percent(point.value[1])),
  ]));
  const last = Math.max(...all.map(curves => curves.iterations.at(-1) ?? 0));
  const late = all.flatMap(curves => curves[quantity].filter((value, i) => isNumber(value) && curves.iterations[i] >= 0.08 * last));
  const accuracies = { min: Math.floor(100 * Math.min(1, ...late)) / 100, max: Math.ceil(200 * Math.max(0, ...late)) / 200 };
  return {
    ...option,
    xAxis: axis(theme, { ...underAxis, name: 'iteration', scale: false, max: last, splitNumber: narrow ? 3 : 6, axisLabel: { formatter: short } }),
    yAxis: axis(theme, isLoss ? { type: 'log', axisLabel: { formatter: value => Number(value.toPrecision(2)) } }
      : { ...(late.length ? accuracies : {}), axisLabel: { formatter: value => Number((100 * value).toFixed(2)) } }),
    series: lines.map(line => ({
      type: 'line', name: line.name, showSymbol: false, symbol: 'circle', itemStyle: { color: line.colour },
      lineStyle: { color: line.colour, width: 1.8 }, emphasis: { disabled: true }, clip: true,
      data: line.curves.iterations.map((iteration, i) => [iteration, line.curves[quantity][i]])
        .filter(([, value]) => isNumber(value) && (!isLoss || value > 0)),
    })),
  };
}

/** Density of each layer; lines: {name, colour, layers: densities}. */
function densityPerLayer(theme, narrow, lines, names) {
  const option = base(theme, narrow);
  option.tooltip.formatter = points => tip(names[points[0].dataIndex], points.map(point => [
    element('span', {}, mark(point.color, [], 'circle'), ' ' + point.seriesName + ' of all'),
    element('b', {}, percentLeft(lines[point.seriesIndex].layers[point.dataIndex])),
  ]));
  const crowded = names.length > (narrow ? 4 : 12);
  const numbered = crowded && narrow;
  return {
    ...option,
    xAxis: {
      type: 'category', data: names, axisLine: { lineStyle: { color: theme.axis } }, axisTick: { show: false },
      axisLabel: {
        color: theme.muted, interval: numbered ? 'auto' : 0, rotate: crowded && !numbered ? 45 : 0,
        formatter: (name, i) => numbered ? i + 1 : name.replace(/\.weight$/, ''),
      },
      ...(numbered ? { ...underAxis, name: 'layer', nameTextStyle: { color: theme.muted } } : {}),
    },
    yAxis: axis(theme, {
      type: 'log', max: 100, minorSplitLine: { show: true, lineStyle: { color: theme.line, opacity: 0.5 } },
      axisLabel: { formatter: value => Number(value.toPrecision(2)) },
    }),
    series: lines.map(line => lineSeries({ ...line, dash: [], symbol: 'circle' },
      line.layers.map(density => density > 0 ? 100 * density : null))),
  };
}

/**
 * Weights before and after retraining by magnitude, on a logarithmic count that shows none as one half.
 * @param all the magnitudes of all panels, which get the same axes
 */
function magnitudeHistogram(theme, narrow, magnitudes, all) {
  const option = base(theme, narrow);
  option.tooltip.axisPointer.snap = false;
  option.tooltip.formatter = points => {
    const i = Math.min(Math.max(Math.floor(points[0].axisValue / magnitudes.width), 0), magnitudes.start.length - 1);
    const edge = at => Number((at * magnitudes.width).toPrecision(3));
    return tip(`magnitude ${edge(i)} to ${edge(i + 1)}`, magnitudeStyles(theme).map(style => [
      element('span', {}, mark(style.colour, style.dash, 'none'), ' ' + style.name), element('b', {}, count(magnitudes[style.key][i])),
    ]));
  };
  const most = Math.max(1, ...all.flatMap(each => [...each.start, ...each.end]));
  return {
    ...option,
    xAxis: axis(theme, {
      ...underAxis, name: 'magnitude', scale: false, min: 0, max: Math.max(...all.map(each => each.width * each.start.length)),
      splitNumber: narrow ? 4 : 8, axisLabel: { formatter: value => Number(value.toPrecision(3)), showMaxLabel: false },
    }),
    yAxis: axis(theme, {
      type: 'log', min: 0.5, max: 10 ** Math.ceil(Math.log10(most)), axisLabel: { formatter: value => value < 1 ? '0' : short(value) },
    }),
    series: magnitudeStyles(theme).map(style => ({
      type: 'line', name: style.name, step: 'end', symbol: 'none', itemStyle: { color: style.colour },
      lineStyle: { color: style.colour, width: 1.8, type: style.dash.length ? style.dash : 'solid' },
      areaStyle: { color: style.colour, opacity: 0.14, origin: 'start' }, emphasis: { disabled: true },
      data: [...magnitudes[style.key], magnitudes[style.key].at(-1)].map((weights, i) => [i * magnitudes.width, Math.max(weights, 0.5)]),
    })),
  };
}

const magnitudeStyles = theme => [
  { key: 'start', name: 'before retraining', colour: theme.series[4], dash: [5, 3] },
  { key: 'end', name: 'after retraining', colour: theme.series[0], dash: [] },
];
