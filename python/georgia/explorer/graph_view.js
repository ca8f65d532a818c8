// The graph's card: its sliders, the pointer and the keys.

let graph;
const graphCard = addView("graph", (changes) => {
  graph ??= startGraph();
  if (changes.has("shown")) { graph.connect(); tellLines(); }
  graph.draw();
});

function startGraph() {
  const cosines = data.neighbours.cosine.flatMap((row) => row.slice(0, data.drawn));
  const [low, high] = rangeOf(cosines);
  const least = graphCard.querySelector(".least"), count = graphCard.querySelector(".count");
  Object.assign(least, { min: Math.floor(low * 200) / 200, max: Math.ceil(high * 200) / 200 });
  least.value = least.min;
  count.value = data.drawn;
  const made = new Graph(graphCard);
  for (const input of [least, count]) input.addEventListener("input", () => { made.connect(); tellLines(); });
  graphCard.querySelector(".in").addEventListener("click", () => made.zoom(1.4));
  graphCard.querySelector(".out").addEventListener("click", () => made.zoom(1 / 1.4));
  graphCard.querySelector(".fit").addEventListener("click", () => { made.isFitted = true; made.fit(); made.draw(); });
  listenToCanvas(made);
  addSaving(graphCard, () => made.svg());
  return made;
}

function tellLines() {
  const least = Number(graphCard.querySelector(".least").value).toFixed(3);
  graphCard.querySelector(".value").value = least + ": " + graph.edges.length + " lines";
}

function listenToCanvas(made) {
  const canvas = made.canvas;
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const { offsetX: x, offsetY: y } = event;
    from = { x, y, node: made.at(x, y), isBox: event.shiftKey, hasMoved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const { offsetX: x, offsetY: y } = event;
    if (!from) {
      const i = made.at(x, y);
      if (i === undefined) hideTip(); else showTip(i, event.clientX, event.clientY);
      return;
    }
    from.hasMoved ||= Math.hypot(x - from.x, y - from.y) > 4;
    if (!from.hasMoved) return;
    hideTip();
    if (from.isBox) {
      made.frameBox = [Math.min(x, from.x), Math.min(y, from.y), Math.abs(x - from.x), Math.abs(y - from.y)];
      made.draw();
    } else if (from.node !== undefined) {
      made.isFitted = false;
      made.held = from.node;
      made.x[from.node] = (x - made.view.x) / made.view.scale;
      made.y[from.node] = (y - made.view.y) / made.view.scale;
      made.warm(0.4);
    } else {
      made.isFitted = false;
      made.view.x += event.movementX;
      made.view.y += event.movementY;
      made.draw();
    }
  });
  canvas.addEventListener("pointerup", (event) => {
    const begun = from;
    from = made.held = null;
    if (!begun) return;
    if (made.frameBox) {
      const [left, top, width, height] = made.frameBox;
      made.frameBox = null;
      select(state.shown.filter((i) => { const [x, y] = made.screen(i); return x >= left && x <= left + width && y >= top && y <= top + height; }));
    } else if (!begun.hasMoved && begun.node !== undefined) (event.shiftKey ? toggle : look)(begun.node);
    made.draw();
  });
  canvas.addEventListener("pointercancel", () => { from = made.held = made.frameBox = null; });
  canvas.addEventListener("pointerleave", hideTip);
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    made.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const shown = new Set(state.shown);
    const near = data.neighbours.number[state.current].filter((j) => shown.has(j));
    const steps = { ArrowRight: near[0], ArrowDown: near[1], ArrowLeft: near[2], ArrowUp: near[3] };
    if (event.key === "+" || event.key === "-") made.zoom(event.key === "+" ? 1.4 : 1 / 1.4);
    else if (event.key === " ") toggle(state.current);
    else if (steps[event.key] !== undefined) look(steps[event.key]);
    else return;
    event.preventDefault();
  });
}
