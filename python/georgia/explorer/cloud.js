// Clouds of points: coordinates against each other, and entropy against coordinates.

const SYMBOLS = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x", "star"];
const LEGEND = 8;  // entries

// Only what acts on the picture: plotly has buttons too that would send it elsewhere.
const CONFIG = { displaylogo: false, responsive: true, scrollZoom: true, modeBarButtons: [["lasso2d", "select2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]] };

function layoutOf(more) {
  const axis = { gridcolor: css("--line"), zeroline: false };
  return {
    margin: { l: 55, r: 10, t: 30, b: 45 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: css("--paper"),
    font: { color: css("--ink"), size: 12 }, hovermode: "closest", dragmode: "lasso",
    legend: { orientation: "h", y: -0.25, yanchor: "top" }, modebar: { bgcolor: "rgba(0,0,0,0)", color: css("--quiet"), activecolor: css("--blue") }, ...more,
    xaxis: { ...axis, ...more.xaxis }, yaxis: { ...axis, ...more.yaxis },
  };
}

/// Traces of the shown images: one for each group, or one along a scale; customdata is the image.
function tracesOf(xs, ys) {
  const by = colourings[state.colour];
  const trace = (images, marker, name) => ({
    type: "scatter", mode: "markers", name, customdata: images, hoverinfo: "none",
    x: images.map((i) => xs[i]), y: images.map((i) => ys[i]), marker: { size: 7, opacity: 0.85, ...marker },
    selected: { marker: { opacity: 0.85 } }, unselected: { marker: { opacity: 0.85 } },  // see drawOver
  });
  if (!by.names) {
    const scale = SCALE.map((rgb, k) => [k / (SCALE.length - 1), "rgb(" + rgb.join(",") + ")"]);
    const marker = { color: state.shown.map((i) => by.values[i]), colorscale: scale, colorbar: { title: { text: by.name, side: "right" }, thickness: 10 } };
    return [trace(state.shown, marker, by.name)];
  }
  const groups = new Map();
  for (const i of state.shown) {
    const group = by.values[i];
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(i);
  }
  return [...groups.keys()].sort((a, b) => a - b).map((group) => trace(groups.get(group), {
    color: groupColour(group), symbol: SYMBOLS[Math.floor(Math.max(group, 0) / data.colours.length) % SYMBOLS.length],
  }, group < 0 ? "none" : escaped(by.names[group])));
}

/// A sheet over a chart on which what is selected stands out. Plotly would draw all points again for
/// that, which takes ten times as long.
function drawOver(place, xs, ys) {
  place.sheet ??= place.appendChild(Object.assign(document.createElement("canvas"), { className: "over" }));
  const pen = sharpPen(place.sheet), { xaxis, yaxis } = place._fullLayout;
  pen.beginPath();
  pen.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
  pen.clip();
  if (state.selected.size) {
    pen.globalAlpha = 0.85;
    pen.fillStyle = css("--paper");
    pen.fill();
    pen.globalAlpha = 1;
  }
  const at = (i) => [xaxis._offset + xaxis.d2p(xs[i]), yaxis._offset + yaxis.d2p(ys[i])];
  const colour = colourOf();
  for (const i of state.shown) {
    if (!state.selected.has(i)) continue;
    const [x, y] = at(i);
    pen.fillStyle = colour(i);
    pen.beginPath();
    pen.arc(x, y, 4, 0, 7);
    pen.fill();
  }
  const [x, y] = at(state.current);
  pen.strokeStyle = css("--ink");
  pen.lineWidth = 3;
  pen.beginPath();
  pen.arc(x, y, 8, 0, 7);
  pen.stroke();
}

/// A view of points; axes() gives [xs, ys, name of x, name of y].
function addCloud(id, axes) {
  const card = addView(id, (changes) => {
    const place = card.querySelector(".view"), [xs, ys, xName, yName] = axes();
    const isNew = !place.data;
    if (isNew || changes.has("shown") || changes.has("colour") || changes.has("axes")) {
      const uirevision = [xName, yName, state.colour, state.shown.length].join();  // keeps a zoom while these stay
      const layout = layoutOf({ uirevision, xaxis: { title: { text: xName } }, yaxis: { title: { text: yName } } });
      const traces = tracesOf(xs, ys);
      layout.showlegend = traces.length > 1 && traces.length <= LEGEND;  // a longer one takes the chart's room
      Plotly.react(place, traces, layout, CONFIG);
    }
    if (isNew) listenTo(place, () => drawOver(place, ...axes()));
    drawOver(place, xs, ys);
  });
  addSaving(card, () => card.querySelector(".view"));
}

function listenTo(place, redraw) {
  const imageOf = (event) => event.points.map((point) => point.data.customdata[point.pointIndex]);
  place.on("plotly_hover", (event) => showTip(imageOf(event)[0], event.event.clientX, event.event.clientY));
  place.on("plotly_unhover", hideTip);
  place.on("plotly_click", (event) => (event.event.shiftKey ? toggle : look)(imageOf(event)[0]));
  place.on("plotly_selected", (event) => { if (event) select(imageOf(event).filter((i) => i !== undefined)); });
  place.on("plotly_deselect", () => select([]));
  place.on("plotly_afterplot", redraw);
  place.on("plotly_relayouting", redraw);
}

function fillSelect(box, names, chosen) {
  names.forEach((name, k) => box.append(new Option(name, k, false, k === chosen)));
}

function redrawOn(id, box) {
  box.addEventListener("change", () => {
    views.find((one) => one.card.id === id).changes.add("axes");
    drawSoon();
  });
}

const axisNames = data.axes.map((axis) => axis.name);
{
  const card = document.getElementById("scatter");
  const [x, y] = [card.querySelector(".x"), card.querySelector(".y")];
  fillSelect(x, axisNames, 0);
  fillSelect(y, axisNames, Math.min(1, axisNames.length - 1));
  redrawOn("scatter", x);
  redrawOn("scatter", y);
  addCloud("scatter", () => [data.axes[x.value].values, data.axes[y.value].values, axisNames[x.value], axisNames[y.value]]);
}
{
  const x = document.querySelector("#entropy .x");
  fillSelect(x, axisNames, 0);
  redrawOn("entropy", x);
  addCloud("entropy", () => [data.axes[x.value].values, data.entropy, axisNames[x.value], "entropy (bits)"]);
}
