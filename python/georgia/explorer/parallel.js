// All numbers side by side: a line for each image, an upright for each number. Drawn here, for a
// library's drawing on the graphics card takes seconds where there is none.

const PARALLEL_TOP = 46, PARALLEL_BOTTOM = 14, PARALLEL_SIDE = 56;
const parallel = document.getElementById("parallel");
const sheet = parallel.querySelector("canvas");

/// Name, values and range of each upright; a brush is the range that was drawn on it.
const uprights = [
  ["cluster", data.cluster], ...data.axes.slice(0, 5).map((axis) => [axis.name.replace("component ", "c"), axis.values]),
  ["image entropy", data.entropy], ["confidence", data.confidence], ["uncertainty", data.uncertainty], ["outlier score", data.outlierScore],
].filter(([, values]) => values).map(([name, values]) => ({ name, values, range: rangeOf(values), brush: null }));

function uprightX(k) {
  return PARALLEL_SIDE + k * (sheet.clientWidth - 2 * PARALLEL_SIDE) / Math.max(1, uprights.length - 1);
}

function uprightY(one, value) {
  const height = sheet.clientHeight - PARALLEL_TOP - PARALLEL_BOTTOM;
  return PARALLEL_TOP + height * (1 - (value - one.range[0]) / (one.range[1] - one.range[0]));
}

function valueAt(one, y) {
  const height = sheet.clientHeight - PARALLEL_TOP - PARALLEL_BOTTOM;
  return one.range[0] + (one.range[1] - one.range[0]) * Math.min(1, Math.max(0, 1 - (y - PARALLEL_TOP) / height));
}

function drawLines(pen, images) {
  const xs = uprights.map((_, k) => uprightX(k));
  for (const [colour, members] of byColour(images)) {
    pen.strokeStyle = colour;
    pen.beginPath();
    for (const i of members) uprights.forEach((one, k) => {
      const y = uprightY(one, one.values[i]);
      if (k === 0) pen.moveTo(xs[k], y); else pen.lineTo(xs[k], y);
    });
    pen.stroke();
  }
}

function drawUprights(pen) {
  pen.fillStyle = pen.strokeStyle = css("--ink");
  pen.textAlign = "center";
  pen.font = "11px sans-serif";
  uprights.forEach((one, k) => {
    const x = uprightX(k), bottom = sheet.clientHeight - PARALLEL_BOTTOM;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, PARALLEL_TOP);
    pen.lineTo(x, bottom);
    pen.stroke();
    pen.fillText(one.name, x, k % 2 ? 12 : 26);  // neighbours' names on two levels
    pen.fillText(one.range[1].toPrecision(4), x, PARALLEL_TOP - 6);
    pen.fillText(one.range[0].toPrecision(4), x, bottom + 12);
    if (!one.brush) return;
    const [low, high] = one.brush.map((value) => uprightY(one, value));
    pen.globalAlpha = 0.35;
    pen.fillRect(x - 6, high, 12, Math.max(2, low - high));
    pen.globalAlpha = 1;
  });
}

const allLines = document.createElement("canvas");

/// All lines stay as they were drawn until other images are shown, or in other colours.
function drawAllLines() {
  const pen = sharpPen(allLines, sheet);
  pen.lineWidth = 0.8;
  pen.globalAlpha = Math.max(0.08, Math.min(0.7, 150 / state.shown.length));
  drawLines(pen, state.shown);
}

function drawParallel(changes = new Set()) {
  const pen = sharpPen(sheet);
  const isAny = state.selected.size > 0;
  if (changes.has("shown") || changes.has("colour") || allLines.width !== sheet.width) drawAllLines();
  pen.globalAlpha = isAny ? 0.15 : 1;
  pen.drawImage(allLines, 0, 0, sheet.clientWidth, sheet.clientHeight);
  pen.lineWidth = 0.8;
  if (isAny) {
    pen.globalAlpha = 0.7;
    drawLines(pen, state.shown.filter((i) => state.selected.has(i)));
  }
  pen.globalAlpha = 1;
  pen.lineWidth = 2.5;
  drawLines(pen, [state.current]);
  drawUprights(pen);
}

addView("parallel", drawParallel);
addSaving(parallel, () => svgPage(sheet.clientWidth, sheet.clientHeight,
  `<image href="${sheet.toDataURL("image/png")}" width="${sheet.clientWidth}" height="${sheet.clientHeight}"/>`));

/// Selects what lies within every brush.
function selectBrushed() {
  const brushed = uprights.filter((one) => one.brush);
  select(brushed.length === 0 ? [] : state.shown.filter((i) => brushed.every((one) => one.values[i] >= one.brush[0] && one.values[i] <= one.brush[1])));
}

{
  let from = null;
  sheet.addEventListener("pointerdown", (event) => {
    const k = uprights.findIndex((_, place) => Math.abs(uprightX(place) - event.offsetX) < 16);
    from = null;
    if (k < 0 || event.button) return;
    from = { one: uprights[k], y: event.offsetY };
    from.one.brush = null;
    sheet.setPointerCapture(event.pointerId);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!from || Math.abs(event.offsetY - from.y) < 3) return;
    from.one.brush = [from.y, event.offsetY].map((y) => valueAt(from.one, y)).sort((a, b) => a - b);
    drawParallel();
  });
  sheet.addEventListener("pointercancel", () => { from = null; });
  sheet.addEventListener("pointerup", () => {
    if (!from) return;
    from = null;
    selectBrushed();
  });
}
