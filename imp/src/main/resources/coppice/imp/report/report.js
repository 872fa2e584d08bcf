'use strict';

const runs = JSON.parse(document.getElementById('runs').textContent);
const several = runs.length > 1;
const branches = Object.keys(branchStyles).filter(branch => runs.some(run => run.branches.some(each => each.branch === branch)));
const levels = [...new Map(runs.flatMap(run => run.branches.flatMap(branch => branch.levels))
  .map(level => [level.level, level.density]).reverse())].sort(([a], [b]) => a - b).map(([level, density]) => ({ level, density }));

/** What the reader has chosen. */
const chosen = {
  runs: new Set(runs.map((_, i) => i)),
  branches: new Set(branches),
  levels: new Set(spread(levels.map(each => each.level), 6)),
  accuracyAxis: collapses() ? 'near' : 'all',
  quantity: 'validationAccuracy',
  curveBranch: 'ticket',
  magnitudeLevel: levels.length ? levels.at(-1).level : 0,
};

/** Whether some accuracy is so low that an axis down to it would hide what happens near the dense network. */
function collapses() {
  const means = runs.flatMap(run => run.branches.flatMap(branch => branch.levels.map(level => level.accuracyAtEnd.mean)));
  return Math.max(...means) - Math.min(...means) > 0.1;
}

/** Where all accuracies are one, an axis from five points below to five above, and not beyond 100 %; any other fits what it shows. */
const AROUND_ONE = {
  min: ({ min, max }) => min === max ? Math.max(0, Math.floor(100 * min - 5) / 100) : null,
  max: ({ min, max }) => min === max ? Math.min(1, Math.ceil(100 * max + 5) / 100) : null,
};

/** Three points below the dense network, unless all is to be seen. */
function nearDense(value) {
  return () => {
    const dense = runs.flatMap(run => run.branches.flatMap(branch => branch.levels))
      .filter(level => level.level === 0).map(level => value(level).mean);
    return chosen.accuracyAxis === 'near' && dense.length ? { min: Math.floor(200 * Math.min(...dense) - 6) / 200 } : AROUND_ONE;
  };
}

/** At most `most` of the items, evenly spread, with the first and the last. */
function spread(items, most) {
  if (items.length <= most) {
    return items;
  }
  return Array.from({ length: most }, (_, i) => items[Math.round(i * (items.length - 1) / (most - 1))]);
}

const levelColour = (theme, density) => rampColour(theme, halvings(density) / Math.max(1, ...levels.map(each => halvings(each.density))));

/** One line per chosen run and branch. A single run gives its branches colours, several give colours to the runs. */
function lines(theme, only) {
  return [...chosen.runs].sort((a, b) => a - b).flatMap(i => runs[i].branches
    .filter(({ branch }) => only ? branch === only : chosen.branches.has(branch))
    .map(({ branch, levels }) => {
      const style = branchStyles[branch];
      return {
        key: i + branch, run: runs[i], branch, levels, dash: style.dash, symbol: style.symbol,
        name: several ? (only ? runs[i].name : `${runs[i].name}, ${branch}`) : branch,
        colour: theme.series[(several ? i : style.series) % theme.series.length],
        band: !several || branch === 'ticket',
      };
    }));
}

const linesPerLevel = (theme, of) => levels.filter(({ level }) => chosen.levels.has(level)).flatMap(({ level, density }) => {
  const found = of(level);
  return found ? [{ name: percentLeft(found.density), colour: levelColour(theme, density), ...found }] : [];
});

/** The dense mean, the bound of a match and the sparsest match; for several runs only the dense means. */
function accuracyReferences(lines) {
  return lines.filter(line => line.branch === 'ticket').flatMap(line => {
    const dense = line.levels.find(level => level.level === 0);
    if (!dense) {
      return [];
    }
    const mean = dense.accuracyAtEnd.mean;
    if (several) {
      return [{ yAxis: mean, colour: line.colour, dash: [1, 3] }];
    }
    const match = line.run.verdict.sparsestMatch;
    return [
      { yAxis: mean, text: 'dense', position: 'insideEndTop', dash: [1, 2] },
      { yAxis: mean - 0.002, text: '−0.2 points', position: 'insideEndBottom', dash: [1, 4] },
      ...(match ? [{ xAxis: halvings(match), text: 'sparsest match', position: 'end', dash: [1, 2] }] : []),
    ];
  });
}

const percentAxis = { axisLabel: { formatter: value => Number((100 * value).toFixed(2)) } };
const measures = {
  accuracyAtEnd: {
    name: 'accuracy at the end', value: level => level.accuracyAtEnd, text: percent, axis: percentAxis, references: accuracyReferences,
    limits: nearDense(level => level.accuracyAtEnd),
  },
  accuracyAtEarlyStop: {
    name: 'accuracy at early stop', value: level => level.accuracyAtEarlyStop, text: percent, axis: percentAxis,
    limits: nearDense(level => level.accuracyAtEarlyStop),
  },
  earlyStop: {
    name: 'early-stop iteration', value: level => level.earlyStopIteration, text: count,
    axis: { scale: false, axisLabel: { formatter: short } },
  },
  seconds: {
    name: 'seconds of training', value: level => level.trainSeconds, text: seconds,
    axis: { scale: false, axisLabel: { formatter: value => short(value) + thin + 's' } },
  },
  flops: {
    name: 'operations per step', text: short, axis: { type: 'log', axisLabel: { formatter: short } },
    value: level => ({ mean: level.stepFlops, least: level.stepFlops, greatest: level.stepFlops }),
  },
};

const onePanel = draw => () => [{ draw }];
const panelPerRun = draw => () => runs.map(run => ({ heading: several ? run.name : null, draw: (theme, narrow) => draw(run, theme, narrow) }));

function measurePanel(key, only) {
  const measure = measures[key];
  return onePanel((theme, narrow) => {
    const shown = lines(theme, only).map(line => key === 'flops' ? { ...line, band: false } : line);
    const tell = level => `${measure.text(measure.value(level).mean)} at ${percentLeft(level.density)}`;
    const told = shown.map(line => `${line.name} from ${tell(line.levels[0])} to ${tell(line.levels.at(-1))}`);
    return {
      option: shown.length ? againstWeightsLeft(theme, narrow, shown, measure) : null,
      label: `Line chart: ${measure.name} against weights left. ${told.join('; ')}.`,
    };
  });
}

/** The panels of each chart; a panel draws itself as {option, label}, option null if there is nothing to show. */
const charts = {
  accuracyAtEnd: measurePanel('accuracyAtEnd'),
  accuracyAtEarlyStop: measurePanel('accuracyAtEarlyStop'),
  earlyStop: measurePanel('earlyStop'),
  seconds: measurePanel('seconds', 'ticket'),
  flops: measurePanel('flops', 'ticket'),
  curves: panelPerRun((run, theme, narrow) => {
    const wanted = each => each.branch === chosen.curveBranch && chosen.levels.has(each.level);
    const shown = linesPerLevel(theme, level => {
      const curves = run.curves.find(each => each.level === level && wanted(each));
      return curves && { curves, density: curves.density };
    });
    const all = runs.flatMap(each => each.curves.filter(wanted));
    return {
      option: shown.length ? learningCurves(theme, narrow, shown, all, chosen.quantity) : null,
      label: `Line chart: learning curves of ${chosen.curveBranch}, ${run.name}, at ${shown.map(line => line.name).join(', ')} of weights left.`,
    };
  }),
  layers: panelPerRun((run, theme, narrow) => {
    const shown = linesPerLevel(theme, level => {
      const found = run.layerDensities.find(each => each.level === level);
      return found && { layers: found.layers, density: found.density };
    });
    return {
      option: shown.length ? densityPerLayer(theme, narrow, shown, run.layers) : null,
      label: `Line chart: density of the layers ${run.layers.join(', ')} of ${run.name}. The same numbers stand in the table below.`,
    };
  }),
  magnitudes: panelPerRun((run, theme, narrow) => {
    const wanted = each => each.level === chosen.magnitudeLevel;
    const found = run.magnitudes.find(wanted);
    return {
      option: found ? magnitudeHistogram(theme, narrow, found, runs.flatMap(each => each.magnitudes.filter(wanted))) : null,
      label: `Histogram: magnitudes of the weights of ${run.name} at level ${chosen.magnitudeLevel}, before and after retraining.`,
    };
  }),
};

class Panel {
  constructor(holder, heading, draw, name) {
    this.draw = draw;
    this.name = name;
    this.place = element('div', { role: 'img' });
    this.empty = element('p', { class: 'empty' }, 'Nothing to show.');
    holder.append(element('div', { class: 'panel' }, ...(heading ? [element('h4', {}, heading)] : []), this.empty, this.place));
    this.paper = holder.closest('.pair') ? 305 : holder.classList.contains('many') ? 320 : 655;
    this.chart = echarts.init(this.place, null, { renderer: 'svg' });
    new ResizeObserver(() => printing || this.show()).observe(this.place);
  }

  show() {
    const theme = themes[!printing && darkPage.matches ? 'dark' : 'light'];
    const width = printing ? this.paper : this.place.clientWidth;
    const { option, label } = this.draw(theme, width < 460);
    this.empty.hidden = !!option;
    this.place.hidden = !option;
    this.place.setAttribute('aria-label', label);
    if (option && width) {
      this.chart.resize(printing ? { width, height: 230 } : {});
      this.chart.setOption(option, { notMerge: true });
    }
  }

  save() {
    const link = element('a', { href: this.chart.getDataURL({ type: 'svg' }), download: this.name + '.svg' });
    link.click();
  }
}

// Paper is white and of a known width, whatever the screen was.
let printing = false;
const darkPage = matchMedia('(prefers-color-scheme: dark)');
const panels = [];
const legends = [];

function showAll() {
  panels.forEach(panel => panel.show());
  legends.forEach(show => show(themes[!printing && darkPage.matches ? 'dark' : 'light']));
}

function addCharts() {
  for (const figure of document.querySelectorAll('figure[data-chart]')) {
    const name = figure.dataset.chart;
    const descriptions = charts[name]();
    const holder = element('div', { class: descriptions.length > 1 ? 'panels many' : 'panels' });
    figure.append(holder);
    const own = descriptions.map(({ heading, draw }) => new Panel(holder, heading, draw, name));
    panels.push(...own);
    const title = figure.querySelector('b').textContent;
    const save = element('button', { type: 'button', class: 'save', 'aria-label': `Save the chart ${title} as SVG` }, 'SVG');
    save.addEventListener('click', () => own.forEach(panel => panel.save()));
    figure.append(save);
  }
}

/** A row of buttons that show and hide; entries: {set, value, text, mark: theme → element}. */
function addLegend(place, entries) {
  const update = entries.map(({ set, value, text, mark }) => {
    const button = element('button', { type: 'button' });
    button.addEventListener('click', () => {
      set.has(value) ? set.delete(value) : set.add(value);
      showAll();
    });
    place.append(button);
    return theme => {
      button.setAttribute('aria-pressed', set.has(value));
      button.replaceChildren(mark(theme), text);
    };
  });
  legends.push(theme => update.forEach(each => each(theme)));
}

function runEntries() {
  return runs.map((run, i) => ({
    set: chosen.runs, value: i, text: run.name, mark: theme => mark(theme.series[i % theme.series.length], [], 'none'),
  }));
}

function branchEntries() {
  return branches.map(branch => ({
    set: chosen.branches, value: branch, text: branch,
    mark: theme => mark(several ? theme.muted : theme.series[branchStyles[branch].series], branchStyles[branch].dash, branchStyles[branch].symbol),
  }));
}

function levelEntries() {
  return levels.map(({ level, density }) => ({
    set: chosen.levels, value: level, text: percentLeft(density), mark: theme => mark(levelColour(theme, density), [], 'none'),
  }));
}

function magnitudeLegend(place) {
  legends.push(theme => place.replaceChildren(...magnitudeStyles(theme).map(style =>
    element('span', {}, mark(style.colour, style.dash, 'none'), ' ' + style.name))));
}

function addLegends() {
  const kinds = {
    lines: place => addLegend(place, [...(several ? runEntries() : []), ...branchEntries()]),
    runs: place => several && addLegend(place, runEntries()),
    levels: place => addLegend(place, levelEntries()),
    magnitudes: magnitudeLegend,
  };
  document.querySelectorAll('[data-legend]').forEach(place => kinds[place.dataset.legend](place));
}

function addChoice(place, text, options, key) {
  const select = element('select', {}, ...options.map(([value, name]) => element('option', { value }, name)));
  select.value = chosen[key];
  select.addEventListener('change', () => {
    chosen[key] = isNumber(chosen[key]) ? Number(select.value) : select.value;
    showAll();
  });
  place.append(element('label', {}, text, select));
}

function addControls() {
  addChoice(document.querySelector('[data-controls=accuracy]'), 'Show',
    [['all', 'all accuracies'], ['near', 'only near the dense network']], 'accuracyAxis');
  const curves = document.querySelector('[data-controls=curves]');
  addChoice(curves, 'Show', [['validationAccuracy', 'validation accuracy (%)'], ['testAccuracy', 'test accuracy (%)'],
    ['validationLoss', 'validation loss'], ['trainingLoss', 'training loss']], 'quantity');
  addChoice(curves, 'of', branches.map(branch => [branch, branch]), 'curveBranch');
  addChoice(document.querySelector('[data-controls=magnitudes]'), 'Level',
    levels.map(({ level, density }) => [level, `${level}: ${percentLeft(density)} left`]), 'magnitudeLevel');
}
