// One image: what is known of it, where the network looked, and which images are nearest.

const blend = document.querySelector("#detail .blend");

/// The map of an image as a small canvas in colours, for drawing it larger.
function mapImage(map) {
  const canvas = document.createElement("canvas");
  canvas.width = map.width;
  canvas.height = map.height;
  const pen = canvas.getContext("2d");
  const pixels = pen.createImageData(map.width, map.height);
  [...atob(map.values)].forEach((sign, k) => {
    const [red, green, blue] = onScale(sign.charCodeAt(0) / 255).match(/\d+/g).map(Number);
    pixels.data.set([red, green, blue, 255], k * 4);
  });
  pen.putImageData(pixels, 0, 0);
  return canvas;
}

async function drawSeen() {
  const i = state.current, map = data.maps[i];
  const image = new Image();
  image.src = map ? "data:image/png;base64," + map.seen : thumbnail(i);
  try { await image.decode(); } catch { return; }  // no thumbnail beside the page
  if (i !== state.current) return;  // another was chosen meanwhile
  const canvas = detail.querySelector("canvas"), pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const scale = Math.min(canvas.width / image.naturalWidth, canvas.height / image.naturalHeight);
  const box = [image.naturalWidth * scale, image.naturalHeight * scale];
  const corner = [(canvas.width - box[0]) / 2, (canvas.height - box[1]) / 2];
  pen.globalAlpha = 1;
  pen.drawImage(image, ...corner, ...box);
  if (!map) return;
  pen.globalAlpha = Number(blend.value);
  pen.drawImage(mapImage(map), ...corner, ...box);
  pen.globalAlpha = 1;
}

/// Name and value of everything that is known of an image.
function knownOf(i) {
  const rows = [["file", data.paths[i]], ["cluster", data.cluster[i]], ["image entropy", data.entropy[i].toFixed(3) + " bits"]];
  if (data.label[i] >= 0) rows.splice(1, 0, ["class", data.classes[data.label[i]]]);
  if (data.split[i] >= 0) rows.push(["split", data.splits[data.split[i]]]);
  if (data.answered) {
    rows.push(["answer", data.answers[data.answered[i]] + ", probability " + data.confidence[i].toFixed(3)]);
    rows.push(["its entropy", data.uncertainty[i].toFixed(3) + " bits"]);
  }
  if (data.outlierScore) rows.push(["outlier score", data.outlierScore[i] + (data.isOutlier[i] ? " (foreign)" : "")]);
  return rows;
}

function fillList(list, rows) {
  list.replaceChildren(...rows.flatMap(([name, value]) => {
    const term = document.createElement("dt"), text = document.createElement("dd");
    term.textContent = name;
    text.textContent = value;
    return [term, text];
  }));
}

const detail = addView("detail", (changes) => {
  if (!changes.has("current")) return;
  const i = state.current;
  fillList(detail.querySelector("dl"), knownOf(i));
  detail.querySelector(".slider").hidden = !data.maps[i];
  const numbers = data.neighbours.number[i];
  detail.querySelector(".nearest").replaceChildren(...numbers.map((j, k) => tile(j, data.neighbours.cosine[i][k].toFixed(3))));
  drawSeen();
});
blend.addEventListener("input", drawSeen);
detail.querySelector(".nearest").addEventListener("click", (event) => {
  const button = event.target.closest(".tile");
  if (button) look(Number(button.dataset.image));
});
addSaving(detail, () => {
  const canvas = detail.querySelector("canvas");
  return svgPage(canvas.width, canvas.height + 24,
    `<image href="${canvas.toDataURL("image/png")}" width="${canvas.width}" height="${canvas.height}"/>` +
    `<text x="4" y="${canvas.height + 16}">${escaped(words(state.current))}</text>`);
}, true);
