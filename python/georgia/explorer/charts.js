// Histograms of brightness and entropy, and all numbers side by side.

const BANDS = 64;
const ENTROPY_BARS = 32;  // of a quarter of a bit
const packed = Uint8Array.from(atob(data.intensities.bytes), (sign) => sign.charCodeAt(0));
const levels = Array.from({ length: BANDS }, (_, band) => band * 4 + 2);

/// Mean share of the pixels in each band.
function brightness(images) {
  const sums = new Float64Array(BANDS);
  for (const i of images)
    for (let band = 0; band < BANDS; ++band) sums[band] += packed[i * BANDS + band] * data.intensities.highest[i] / 255;
  return Array.from(sums, (sum) => (images.length ? sum / images.length : 0));
}

function entropyCounts(images) {
  const counts = new Array(ENTROPY_BARS).fill(0);
  for (const i of images) counts[Math.min(ENTROPY_BARS - 1, Math.floor(data.entropy[i] * 4))] += 1;
  return counts;
}

const histograms = addView("histograms", () => {
  const selected = state.shown.filter((i) => state.selected.has(i));
  const sets = [["shown", state.shown, css("--quiet")]];
  if (selected.length) sets.push(["selected", selected, css("--red")]);
  const lines = [...sets, ["this image", [state.current], css("--blue")]].map(([name, images, color]) => (
    { type: "scatter", mode: "lines", name, x: levels, y: brightness(images), line: { color, shape: "hvh", width: 2 } }));
  const bars = sets.map(([name, images, color]) => (
    { type: "bar", name, x: levels.slice(0, ENTROPY_BARS).map((_, k) => k / 4 + 0.125), y: entropyCounts(images), marker: { color, opacity: 0.7 }, xaxis: "x2", yaxis: "y2", showlegend: false }));
  const axis = { gridcolor: css("--line") };
  const used = data.entropy.reduce((low, value) => Math.min(low, value), 8);
  Plotly.react(histograms.querySelector(".view"), [...lines, ...bars], {
    ...layoutOf({ barmode: "overlay", bargap: 0.05, dragmode: "zoom", hovermode: "x" }),
    xaxis: { ...axis, domain: [0, 0.46], title: { text: "gray level" } }, yaxis: { ...axis, title: { text: "share of pixels" } },
    xaxis2: { ...axis, domain: [0.58, 1], title: { text: "entropy (bits)" }, range: [Math.max(0, used - 0.5), 8] },
    yaxis2: { ...axis, anchor: "x2", title: { text: "images" } },
  }, { ...CONFIG, displayModeBar: false });
});
addSaving(histograms, () => histograms.querySelector(".view"));

/// What stands upright: name and values of each.
const uprights = [
  ["cluster", data.cluster], ...data.axes.slice(0, 5).map((axis) => [axis.name.replace("component ", "c"), axis.values]),
  ["image entropy", data.entropy], ["confidence", data.confidence], ["uncertainty", data.uncertainty], ["outlier score", data.outlierScore],
].filter(([, values]) => values);

/// Colours of the lines: what is selected against the rest, else what colours stand for.
function lineColours() {
  if (state.selected.size)
    return { color: state.shown.map((i) => Number(state.selected.has(i))), colorscale: [[0, css("--faint")], [1, css("--red")]], cmin: 0, cmax: 1 };
  const by = colourings[state.colour];
  const color = state.shown.map((i) => by.values[i]);
  if (!by.names) return { color, colorscale: SCALE.map((rgb, k) => [k / (SCALE.length - 1), "rgb(" + rgb.join(",") + ")"]) };
  const last = Math.max(1, by.names.length - 1);
  const steps = Array.from({ length: last + 1 }, (_, k) => [k / last, groupColour(k)]);
  return { color, colorscale: steps, cmin: 0, cmax: last };
}

let isBrushed = false;
const parallel = addView("parallel", (changes) => {
  const place = parallel.querySelector(".view");
  if (place.data && !changes.has("shown")) {
    if (changes.has("selected") || changes.has("colour")) {
      isBrushed = true;  // this restyle is ours, no reader's
      Plotly.restyle(place, { line: lineColours() }).then(() => { isBrushed = false; });
    }
    return;
  }
  const dimensions = uprights.map(([name, values]) => ({ label: name, values: state.shown.map((i) => values[i]) }));
  Plotly.react(place, [{ type: "parcoords", dimensions, line: lineColours(), unselected: { line: { opacity: 0.08 } } }],
    { margin: { l: 60, r: 40, t: 50, b: 20 }, paper_bgcolor: "rgba(0,0,0,0)", font: { color: css("--ink"), size: 11 } }, { ...CONFIG, displayModeBar: false });
  if (!place.dataset.listens) place.on("plotly_restyle", () => { if (!isBrushed) selectBrushed(place); });
  place.dataset.listens = "yes";
});
addSaving(parallel, () => parallel.querySelector(".view"));

/// Selects what lies within every range that is drawn on an upright.
function selectBrushed(place) {
  const bounds = place.data[0].dimensions.filter((one) => one.constraintrange);
  const isWithin = (value, ranges) => ranges.some(([low, high]) => value >= low && value <= high);
  const kept = state.shown.filter((_, row) => bounds.every((one) => {
    const ranges = Array.isArray(one.constraintrange[0]) ? one.constraintrange : [one.constraintrange];
    return isWithin(one.values[row], ranges);
  }));
  select(bounds.length ? kept : []);
}
