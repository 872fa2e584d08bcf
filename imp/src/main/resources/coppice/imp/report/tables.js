'use strict';

function fill(name, table) {
  document.querySelector(`[data-table=${name}]`).append(table);
}

const row = (cells, kind = 'td') => element('tr', {}, ...cells.map(cell => element(kind, kind === 'th' ? { scope: 'col' } : {}, cell)));

/** The figures of the verdict: large for one run, a table for several. */
function addFigures() {
  const place = document.getElementById('figures');
  if (!several) {
    place.append(element('div', { class: 'tiles' }, ...runs[0].verdict.figures.map(({ name, value, remark }) =>
      element('div', { class: 'tile' }, element('div', {}, name), element('strong', {}, value), element('div', {}, remark)))));
    return;
  }
  const names = [...new Set(runs.flatMap(run => run.verdict.figures.map(figure => figure.name)))];
  const body = element('tbody', {}, ...runs.map(run => element('tr', {}, element('th', { scope: 'row' }, run.name), ...names.map(name => {
    const figure = run.verdict.figures.find(each => each.name === name);
    return figure ? element('td', {}, element('strong', {}, figure.value), element('small', {}, figure.remark)) : element('td', {}, '–');
  }))));
  place.append(element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Verdict in figures' },
    element('table', { class: 'words' }, element('thead', {}, row(['Run', ...names], 'th')), body)));
}

/** What a run lacks is said before anything is shown of it. */
function addGaps() {
  for (const { name, gaps, missingFiles } of runs) {
    const listed = items => element('ul', {}, ...items.map(item => element('li', {}, item)));
    if (gaps.missing.length) {
      document.getElementById('gaps').append(element('div', { class: 'note', role: 'note' },
        element('b', {}, several ? `${name} is unfinished. ` : 'This run is unfinished. '),
        `${gaps.present} of ${gaps.expected} training runs have results; means are over the replicates that are there. Missing:`,
        listed(gaps.missing)));
    }
    if (missingFiles.length) {
      document.getElementById('gaps').append(element('div', { class: 'note', role: 'note' },
        element('b', {}, 'Files are missing. '), `Charts leave out what these files of ${name} would show:`, listed(missingFiles)));
    }
  }
}

const columns = [
  ['early_stop_iteration', 'Early stop', level => level.earlyStopIteration, count],
  ['accuracy_at_early_stop', 'Accuracy at early stop', level => level.accuracyAtEarlyStop, percent],
  ['accuracy_at_end', 'Accuracy at the end', level => level.accuracyAtEnd, percent],
  ['loss_at_end', 'Loss at the end', level => level.lossAtEnd, loss],
  ['train_seconds', 'Training time', level => level.trainSeconds, seconds],
];

/** A number without its unit. */
const bare = text => text.split(thin)[0];

/** Every level with its branches under one another. */
function resultRows() {
  return runs.flatMap(run => levels.flatMap(({ level }) => run.branches.flatMap(({ branch, levels }) =>
    levels.filter(each => each.level === level).map(each => ({ run: run.name, branch, ...each })))));
}

function addResults() {
  const heads = [...(several ? ['Run'] : []), 'Level', 'Left', 'Weights left', 'Branch', 'Replicates',
    ...columns.map(column => column[1]), 'FLOPs per step'];
  const body = element('tbody');
  let last = null;
  for (const level of resultRows()) {
    const joined = last && last.run === level.run && last.level === level.level;
    const cells = columns.map(([, , value, text]) => {
      const { mean, least, greatest } = value(level);
      const cell = element('span', {}, text(mean));
      if (level.replicates.length > 1 && isNumber(mean)) {
        cell.append(element('small', {}, `${bare(text(least))}–${bare(text(greatest))}`));
      }
      return cell;
    });
    const once = joined ? ['', '', '', ''] : [level.run, String(level.level), percentLeft(level.density), count(level.weightsLeft)];
    const made = row([
      ...(several ? once : once.slice(1)), level.level === 0 ? 'ticket (dense)' : level.branch, String(level.replicates.length), ...cells,
      short(level.stepFlops),
    ]);
    if (joined) {
      made.classList.add('joined');
    }
    body.append(made);
    last = level;
  }
  fill('results', element('table', {}, element('thead', {}, row(heads, 'th')), body));
}

function addCsv() {
  const heads = ['run', 'branch', 'level', 'density', 'weights_left', 'replicates',
    ...columns.flatMap(([key]) => [`${key}_mean`, `${key}_least`, `${key}_greatest`]), 'step_flops'];
  const quoted = text => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const rows = resultRows().map(level => [
    quoted(level.run), level.branch, level.level, level.density, level.weightsLeft, level.replicates.length,
    ...columns.flatMap(([, , value]) => [value(level).mean, value(level).least, value(level).greatest].map(number => number ?? '')), level.stepFlops,
  ]);
  const link = document.getElementById('csv');
  link.href = 'data:text/csv;charset=utf-8,' + encodeURIComponent([heads, ...rows].map(cells => cells.join(',') + '\n').join(''));
  link.download = (several ? 'comparison' : runs[0].name.replace(/[^\w.-]+/g, '-')) + '-results.csv';
}

function addLayerTable() {
  for (const run of runs) {
    const heads = ['Left', ...run.layers.map(name => name.replace(/\.weight$/, ''))];
    const body = element('tbody', {}, ...run.layerDensities.map(each => row([percentLeft(each.density), ...each.layers.map(percentLeft)])));
    fill('layers', element('table', {}, ...(several ? [element('caption', {}, run.name)] : []), element('thead', {}, row(heads, 'th')), body));
  }
}

/** Settings side by side; a row is marked where the runs differ. */
function addSettings() {
  const keys = [...new Set(runs.flatMap(run => run.settings.settings.map(setting => setting.key)))];
  const valueOf = (run, key) => run.settings.settings.find(setting => setting.key === key)?.value ?? '–';
  const body = element('tbody', {}, ...keys.map(key => {
    const values = runs.map(run => valueOf(run, key));
    const made = element('tr', {}, element('th', { scope: 'row' }, key), ...values.map(value => element('td', {}, value)));
    if (new Set(values).size > 1) {
      made.classList.add('differs');
    }
    return made;
  }));
  const head = several ? [element('thead', {}, row(['', ...runs.map(run => run.name)], 'th'))] : [];
  fill('settings', element('table', { class: 'words' }, ...head, body));
  for (const run of runs) {
    document.getElementById('specs').append(element('details', {},
      element('summary', {}, several ? `spec.yaml of ${run.name}` : 'spec.yaml'), element('pre', {}, run.settings.text)));
  }
}

addFigures();
addGaps();
addCharts();
addLegends();
addControls();
addResults();
addCsv();
addLayerTable();
addSettings();
showAll();

darkPage.addEventListener('change', showAll);
for (const [event, value] of [['beforeprint', true], ['afterprint', false]]) {
  addEventListener(event, () => {
    printing = value;
    showAll();
  });
}
