'use strict';

// Colours after Okabe and Ito (2008, "Color universal design"): told apart with every kind of colour vision.
const themes = {
  light: {
    text: '#1b2025', muted: '#59636d', line: '#e3e7ea', axis: '#a7b0b8', surface: '#ffffff',
    series: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555'],
    ramp: ['#440154', '#433e85', '#30678d', '#218f8b', '#36b677', '#8ed542'],
  },
  dark: {
    text: '#e6eaed', muted: '#9fabb5', line: '#2b343b', axis: '#5a6771', surface: '#14191d',
    series: ['#5db8f0', '#f28c50', '#3cc8a0', '#e09cc6', '#f0c24b', '#8fa8ff', '#c4cad0'],
    ramp: ['#9d7be0', '#7d8fe0', '#55a5c9', '#3dbdab', '#7ad07a', '#e8e04a'],
  },
};

// A branch is told by colour, dash and symbol, so that a print without colours can be read.
const branchStyles = {
  'ticket': { series: 0, dash: [], symbol: 'circle' },
  'random-reinit': { series: 1, dash: [7, 4], symbol: 'triangle' },
  'random-mask': { series: 2, dash: [2, 3], symbol: 'diamond' },
};

/** A colour of the theme's ramp, 0 … 1: dark purple to light green after viridis. */
function rampColour(theme, t) {
  const at = Math.min(Math.max(t, 0), 1) * (theme.ramp.length - 1);
  const left = Math.min(Math.floor(at), theme.ramp.length - 2);
  const channel = (colour, i) => parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map(i => Math.round(
    channel(theme.ramp[left], i) * (1 - at + left) + channel(theme.ramp[left + 1], i) * (at - left)));
  return `rgb(${mixed.join(', ')})`;
}

const thin = '\u202f';
const isNumber = value => typeof value === 'number';

/** Three significant digits of a percentage: 100, 51.3, 3.56, 0.123. */
function percentNumber(fraction) {
  const percent = 100 * fraction;
  if (percent >= 99.95) {
    return '100';
  }
  return percent === 0 ? '0' : percent.toFixed(Math.max(0, 2 - Math.floor(Math.log10(percent))));
}
const percentLeft = fraction => percentNumber(fraction) + thin + '%';
const percent = fraction => isNumber(fraction) ? (100 * fraction).toFixed(2) + thin + '%' : '–';
const count = value => isNumber(value) ? Math.round(value).toLocaleString('en') : '–';
const loss = value => isNumber(value) ? value.toPrecision(3) : 'not finite';
const seconds = value => isNumber(value) ? (value < 100 ? value.toPrecision(3) : count(value)) + thin + 's' : '–';

/** 1.25 M, 96 k: three significant digits and the SI prefix. */
function short(value) {
  if (!isNumber(value)) {
    return '–';
  }
  const [size, prefix] = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, '']].find(([size]) => Math.abs(value) >= size) || [1, ''];
  return Number((value / size).toPrecision(3)) + (prefix && thin + prefix);
}

/** A new element with attributes and children; text is text, whatever it holds. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}
