// The graph of neighbours: springs along its edges, nodes that push each other away, a sheet that
// can be moved, zoomed and pulled at.

const REACH = 34;     // beyond it nodes do not push each other
const DRAG = 0.6;     // share of its speed that a node keeps
const COOLING = COUNT > 1500 ? 0.965 : 0.985;  // many nodes are not watched for long
const STILL = 0.01;   // below it nothing moves any more
const PAUSE = 250;    // milliseconds in which what a reader chose is drawn first
const WIDTHS = 4;
const CROWD = 24;      // nodes of one square that push

class Graph {
  constructor(card) {
    this.card = card;
    this.canvas = card.querySelector("canvas");
    this.view = { x: 0, y: 0, scale: 1 };
    this.heat = 1;
    this.isFitted = true;
    this.place();  // and connected when it is first drawn
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
    this.byWidth = Array.from({ length: WIDTHS }, () => []);
    for (const edge of this.edges) this.byWidth[Math.min(WIDTHS - 1, Math.floor(this.share(edge[2]) * WIDTHS))].push(edge);
    this.warm(0.6);
  }

  warm(heat) {
    this.heat = Math.max(this.heat, heat);
    this.run();
  }

  run() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (performance.now() - changedAt < PAUSE && this.held == null) { this.run(); return; }
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

  /// Only nodes in the same or the next square of a grid are near enough to push; of a crowded square
  /// some stand for all.
  pushApart() {
    const squares = new Map();
    for (const i of state.shown) {
      const at = this.square(i, 0, 0);
      const members = squares.get(at);
      if (!members) squares.set(at, [i]);
      else if (members.length < CROWD) members.push(i);
      else members[i % CROWD] = i;
    }
    for (const i of state.shown)
      for (let a = -1; a <= 1; ++a) for (let b = -1; b <= 1; ++b) {
        const members = squares.get(this.square(i, a, b));
        if (members) for (const j of members) this.push(i, j);
      }
  }

  square(i, a, b) {
    return (Math.floor(this.x[i] / REACH) + a + 2048) * 4096 + Math.floor(this.y[i] / REACH) + b + 2048;
  }

  /// Pushes i away from j.
  push(i, j) {
    const dx = this.x[j] - this.x[i], dy = this.y[j] - this.y[i];
    const squared = dx * dx + dy * dy;
    if (i === j || squared >= REACH * REACH) return;
    const apart = Math.sqrt(squared) || 1e-3;
    const strength = 0.9 * this.heat * (1 - apart / REACH) / apart;
    this.speedX[i] -= dx * strength;
    this.speedY[i] -= dy * strength;
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
    const pen = sharpPen(this.canvas);
    pen.strokeStyle = css("--quiet");
    pen.globalAlpha = 0.45;
    const { x: left, y: top, scale } = this.view, { x, y } = this;
    this.byWidth.forEach((edges, width) => {  // one stroke for each width is many times as fast
      pen.lineWidth = 0.4 + width;
      pen.beginPath();
      for (const [i, j] of edges) {
        pen.moveTo(x[i] * scale + left, y[i] * scale + top);
        pen.lineTo(x[j] * scale + left, y[j] * scale + top);
      }
      pen.stroke();
    });
    const radius = this.radius(), isAny = state.selected.size > 0;
    for (const isBright of isAny ? [false, true] : [true]) {
      pen.globalAlpha = isBright ? 0.95 : 0.2;
      for (const [own, members] of byColour(isAny ? state.shown.filter((i) => state.selected.has(i) === isBright) : state.shown)) {
        pen.fillStyle = own;
        pen.beginPath();
        for (const i of members) {
          const across = x[i] * scale + left, down = y[i] * scale + top;
          pen.moveTo(across + radius, down);
          pen.arc(across, down, radius, 0, 7);
        }
        pen.fill();
      }
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
