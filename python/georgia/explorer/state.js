"use strict";
// What all views share: the data, which images are shown, selected and looked at, and who is told.

const data = JSON.parse(document.getElementById("data").textContent);
const COUNT = data.paths.length;
const EVERY = Array.from({ length: COUNT }, (_, i) => i);

const state = { shown: EVERY, selected: new Set(), current: 0, colour: "cluster" };
const views = [];

/// Registers a view: draw(changes) is called once it can be seen; changes is a set of the words
/// "shown", "selected", "current", "colour".
function addView(id, draw) {
  const card = document.getElementById(id);
  const view = { card, draw, changes: new Set(["shown", "selected", "current", "colour"]), isNear: false };
  views.push(view);
  seer.observe(card);
  return card;
}

addEventListener("resize", () => changed("selected"));  // canvases have a size of their own

const seer = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const view = views.find((one) => one.card === entry.target);
    view.isNear = entry.isIntersecting;
    if (view.isNear) drawSoon();
  }
}, { rootMargin: "150px" });

let drawing = null;
let changedAt = -Infinity;

/// Draws every view that can be seen and that something changed for; gives a promise of that.
function drawSoon() {
  drawing ??= new Promise((done) => requestAnimationFrame(() => {
    drawing = null;
    for (const view of views) {
      if (!view.isNear || view.changes.size === 0) continue;
      const changes = view.changes;
      view.changes = new Set();
      view.draw(changes);
    }
    done();
  }));
  return drawing;
}

function changed(...words) {
  changedAt = performance.now();
  document.getElementById("count").value = state.shown.length + " of " + COUNT + " shown, " + state.selected.size + " selected";
  for (const view of views) for (const word of words) view.changes.add(word);
  return drawSoon();
}

function select(images) {
  state.selected = new Set(images);
  return changed("selected");
}

function toggle(image) {
  if (!state.selected.delete(image)) state.selected.add(image);
  return changed("selected");
}

function look(image) {
  state.current = image;
  return changed("current");
}

function thumbnail(i) {
  const own = data.thumbnails;
  return Array.isArray(own) ? "data:image/jpeg;base64," + own[i] : own + "/" + i + ".jpg";
}

/// What colours can stand for; columns that are not known are left out.
const colourings = {
  cluster: { name: "cluster", values: data.cluster, names: Array.from({ length: data.clusters }, (_, k) => "cluster " + k) },
  label: data.classes.length && { name: "class", values: data.label, names: data.classes },
  answered: data.answered && { name: "answer", values: data.answered, names: data.answers },
  split: data.splits.length && { name: "split", values: data.split, names: data.splits },
  confidence: data.confidence && { name: "confidence", values: data.confidence },
  uncertainty: data.uncertainty && { name: "entropy of the answer (bits)", values: data.uncertainty },
  entropy: { name: "entropy of the image (bits)", values: data.entropy },
  outlierScore: data.outlierScore && { name: "outlier score", values: data.outlierScore },
};

// Cividis in five steps (J. Nunez, C. Anderton, R. Renslow, 2018): even steps for every kind of eye.
const SCALE = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [188, 175, 111], [254, 232, 56]];
const NOBODY = "#9aa5b1";

function onScale(share) {
  const place = Math.min(Math.max(share, 0), 1) * (SCALE.length - 1);
  const low = Math.min(Math.floor(place), SCALE.length - 2);
  const mixed = SCALE[low].map((value, c) => Math.round(value + (place - low) * (SCALE[low + 1][c] - value)));
  return "rgb(" + mixed.join(",") + ")";
}

function rangeOf(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) { if (value < low) low = value; if (value > high) high = value; }
  return [low, high > low ? high : low + 1];
}

function groupColour(number) {
  return number < 0 ? NOBODY : data.colours[number % data.colours.length];
}

/// A function from image to colour, by what colours stand for now.
function colourOf() {
  const by = colourings[state.colour];
  if (by.names) return (i) => groupColour(by.values[i]);
  const [low, high] = rangeOf(by.values);
  return (i) => onScale((by.values[i] - low) / (high - low));
}

/// Images by colour: one stroke for each colour is many times as fast as one for each line.
function byColour(images) {
  const colour = colourOf(), groups = new Map();
  for (const i of images) {
    const own = colour(i);
    if (!groups.has(own)) groups.set(own, []);
    groups.get(own).push(i);
  }
  return groups;
}

function css(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
