// The graph of neighbours: springs along its edges, nodes that push each other away, a sheet that
// can be moved, zoomed and pulled at.

const REACH = 34;     // beyond it nodes do not push each other
const DRAG = 0.6;     // share of its speed that a node keeps
const COOLING = 0.985;
const STILL = 0.01;   // below it nothing moves any more
const WIDTHS = 4;

class Graph {
  constructor(card) {
    this.card = card;
    this.canvas = card.querySelector("canvas");
    this.pen = this.canvas.getContext("2d");
    this.view = { x: 0, y: 0, scale: 1 };
    this.heat = 1;
    this.isFitted = true;
    this.place();
    this.connect();
  }

  /// Nodes begin where the first two coordinates have them.
  place() {
    const side = 9 * Math.sqrt(COUNT) + 40;
    this.x = new Float64Array(COUNT);
    this.y = new Float64Array(COUNT);
    this.speedX = new Float64Array(COUNT);
    this.speedY = new Float64Array(COUNT);
    const columns = [data.axes[0].values, (data.axes[1] ?? data.axes[0]).values];
    [this.x, this.y].forEach((axis, k) => {
      const [low, high] = rangeOf(columns[k]);
      // a little apart, by a fixed rule: equal points would never part
      for (let i = 0; i < COUNT; ++i) axis[i] = ((columns[k][i] - low) / (high - low) - 0.5) * 2 * side + ((i * (k ? 7919 : 104729)) % 97) / 97;
    });
  }

  /// Each pair once, where both are shown and alike enough.
  connect() {
    const least = Number(this.card.querySelector(".least").value);
    const most = Number(this.card.querySelector(".count").value);
    const isShown = new Uint8Array(COUNT);
    for (const i of state.shown) isShown[i] = 1;
    const seen = new Set();
    this.edges = [];
    for (const i of state.shown) {
      const numbers = data.neighbours.number[i], cosines = data.neighbours.cosine[i];
      for (let k = 0; k < Math.min(most, numbers.length); ++k) {
        const j = numbers[k];
        if (j >= COUNT || !isShown[j] || cosines[k] < least) continue;
        const key = Math.min(i, j) * COUNT + Math.max(i, j);
        if (seen.has(key)) continue;
        seen.add(key);
        this.edges.push([i, j, cosines[k]]);
      }
    }
    this.range = rangeOf(this.edges.map((edge) => edge[2]));
    this.warm(0.6);
  }

  warm(heat) {
    this.heat = Math.max(this.heat, heat);
    this.run();
  }

  run() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.step();
      this.heat *= COOLING;
      if (this.isFitted) this.fit();
      this.draw();
      if (this.heat >= STILL) this.run();
    });
  }

  step() {
    this.pushApart();
    for (const [i, j, cosine] of this.edges) {
      const dx = this.x[j] - this.x[i], dy = this.y[j] - this.y[i];
      const apart = Math.hypot(dx, dy) || 1e-3;
      const pull = 0.04 * (0.3 + this.share(cosine)) * this.heat * (apart - 16) / apart;
      this.speedX[i] += dx * pull; this.speedY[i] += dy * pull;
      this.speedX[j] -= dx * pull; this.speedY[j] -= dy * pull;
    }
    for (const i of state.shown) {
      if (i === this.held) { this.speedX[i] = this.speedY[i] = 0; continue; }
      this.speedX[i] = (this.speedX[i] - this.x[i] * 0.0006 * this.heat) * DRAG;
      this.speedY[i] = (this.speedY[i] - this.y[i] * 0.0006 * this.heat) * DRAG;
      this.x[i] += this.speedX[i];
      this.y[i] += this.speedY[i];
    }
  }

  /// Only nodes in the same or the next square of a grid are near enough to push.
  pushApart() {
    const squares = new Map();
    const key = (column, row) => column * 65536 + row;
    for (const i of state.shown) {
      const at = key(Math.floor(this.x[i] / REACH), Math.floor(this.y[i] / REACH));
      if (!squares.has(at)) squares.set(at, []);
      squares.get(at).push(i);
    }
    for (const i of state.shown) {
      const column = Math.floor(this.x[i] / REACH), row = Math.floor(this.y[i] / REACH);
      for (let a = column - 1; a <= column + 1; ++a) for (let b = row - 1; b <= row + 1; ++b)
        for (const j of squares.get(key(a, b)) ?? []) if (j > i) this.push(i, j);
    }
  }

  push(i, j) {
    const dx = this.x[j] - this.x[i], dy = this.y[j] - this.y[i];
    const apart = Math.hypot(dx, dy) || 1e-3;
    if (apart >= REACH) return;
    const strength = 0.9 * this.heat * (1 - apart / REACH) / apart;
    this.speedX[i] -= dx * strength; this.speedY[i] -= dy * strength;
    this.speedX[j] += dx * strength; this.speedY[j] += dy * strength;
  }

  share(cosine) {
    return (cosine - this.range[0]) / (this.range[1] - this.range[0]);
  }

  fit() {
    if (state.shown.length === 0) return;
    const [left, right] = rangeOf(state.shown.map((i) => this.x[i]));
    const [top, bottom] = rangeOf(state.shown.map((i) => this.y[i]));
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.view.scale = Math.min(3, width / (right - left + 30), height / (bottom - top + 30));
    this.view.x = width / 2 - this.view.scale * (left + right) / 2;
    this.view.y = height / 2 - this.view.scale * (top + bottom) / 2;
  }

  screen(i) {
    return [this.x[i] * this.view.scale + this.view.x, this.y[i] * this.view.scale + this.view.y];
  }

  radius() {
    return Math.max(2.2, Math.min(6, 5 * this.view.scale));
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const fine = devicePixelRatio;
    if (this.canvas.width !== Math.round(width * fine)) this.canvas.width = Math.round(width * fine);
    if (this.canvas.height !== Math.round(height * fine)) this.canvas.height = Math.round(height * fine);
    const pen = this.pen;
    pen.setTransform(fine, 0, 0, fine, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.strokeStyle = css("--quiet");
    pen.globalAlpha = 0.45;
    for (let w = 0; w < WIDTHS; ++w) {  // one stroke for each width is many times as fast
      pen.lineWidth = 0.4 + w;
      pen.beginPath();
      for (const [i, j, cosine] of this.edges) {
        if (Math.min(WIDTHS - 1, Math.floor(this.share(cosine) * WIDTHS)) !== w) continue;
        pen.moveTo(...this.screen(i));
        pen.lineTo(...this.screen(j));
      }
      pen.stroke();
    }
    const colour = colourOf(), radius = this.radius(), isAny = state.selected.size > 0;
    for (const i of state.shown) {
      pen.globalAlpha = isAny && !state.selected.has(i) ? 0.2 : 0.95;
      pen.fillStyle = colour(i);
      const [x, y] = this.screen(i);
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.fill();
    }
    pen.globalAlpha = 1;
    pen.strokeStyle = css("--ink");
    pen.lineWidth = 3;
    pen.beginPath();
    pen.arc(...this.screen(state.current), radius + 4, 0, 7);
    pen.stroke();
    if (this.frameBox) pen.strokeRect(...this.frameBox);
  }

  /// The node under a place of the canvas, or undefined.
  at(x, y) {
    let best, nearest = (this.radius() + 5) ** 2;
    for (const i of state.shown) {
      const [a, b] = this.screen(i);
      const gap = (a - x) ** 2 + (b - y) ** 2;
      if (gap < nearest) { nearest = gap; best = i; }
    }
    return best;
  }

  zoom(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    this.isFitted = false;
    this.view.x = x - (x - this.view.x) * factor;
    this.view.y = y - (y - this.view.y) * factor;
    this.view.scale *= factor;
    this.draw();
  }

  svg() {
    const colour = colourOf(), radius = this.radius(), part = (value) => value.toFixed(1);
    const lines = this.edges.map(([i, j, cosine]) => {
      const [a, b] = this.screen(i), [c, d] = this.screen(j);
      return `<line x1="${part(a)}" y1="${part(b)}" x2="${part(c)}" y2="${part(d)}" stroke-width="${part(0.4 + this.share(cosine) * (WIDTHS - 1))}"/>`;
    });
    const nodes = state.shown.map((i) => {
      const [x, y] = this.screen(i);
      return `<circle cx="${part(x)}" cy="${part(y)}" r="${part(radius)}" fill="${colour(i)}"><title>${escaped(words(i))}</title></circle>`;
    });
    return svgPage(this.canvas.clientWidth, this.canvas.clientHeight,
      `<g stroke="#5b6670" stroke-opacity="0.45">${lines.join("")}</g>${nodes.join("")}`);
  }
}

let graph;
const graphCard = addView("graph", (changes) => {
  graph ??= startGraph();
  if (changes.has("shown")) graph.connect();
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
  const tell = () => { graphCard.querySelector(".value").value = Number(least.value).toFixed(3) + ": " + made.edges.length + " lines"; };
  for (const input of [least, count]) input.addEventListener("input", () => { made.connect(); tell(); });
  graphCard.querySelector(".in").addEventListener("click", () => made.zoom(1.4));
  graphCard.querySelector(".out").addEventListener("click", () => made.zoom(1 / 1.4));
  graphCard.querySelector(".fit").addEventListener("click", () => { made.isFitted = true; made.fit(); made.draw(); });
  tell();
  listenToCanvas(made);
  addSaving(graphCard, () => made.svg());
  return made;
}

function listenToCanvas(made) {
  const canvas = made.canvas;
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
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
  canvas.addEventListener("pointerleave", hideTip);
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    made.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const near = data.neighbours.number[state.current].filter((j) => j < COUNT);
    const steps = { ArrowRight: near[0], ArrowDown: near[1], ArrowLeft: near[2], ArrowUp: near[3] };
    if (event.key === "+" || event.key === "-") made.zoom(event.key === "+" ? 1.4 : 1 / 1.4);
    else if (event.key === " ") toggle(state.current);
    else if (steps[event.key] !== undefined) look(steps[event.key]);
    else return;
    event.preventDefault();
  });
}
