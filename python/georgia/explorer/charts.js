// Histograms of brightness and entropy.

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
    xaxis: { ...axis, domain: [0, 0.42], title: { text: "gray level" } }, yaxis: { ...axis, title: { text: "share of pixels" } },
    xaxis2: { ...axis, domain: [0.62, 1], title: { text: "entropy (bits)" }, range: [Math.max(0, used - 0.5), 8] },
    yaxis2: { ...axis, anchor: "x2", title: { text: "images" } },
  }, { ...CONFIG, displayModeBar: false });
});
addSaving(histograms, () => histograms.querySelector(".view"));
