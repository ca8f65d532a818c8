// What hovers over images, and how views become files.

const tip = document.getElementById("tip");

function words(i) {
  if (i >= COUNT) return data.neighbours.outside[i - COUNT].filter(Boolean).join(", ");
  const parts = [data.names[i]];
  if (data.label[i] >= 0) parts.push("class " + data.classes[data.label[i]]);
  if (data.answered) parts.push("answer " + data.answers[data.answered[i]] + " (" + data.confidence[i].toFixed(2) + ")");
  parts.push("cluster " + data.cluster[i]);
  return parts.join(", ");
}

function showTip(i, x, y) {
  const image = tip.querySelector("img");
  image.src = thumbnail(i);
  image.alt = data.names[i];
  tip.querySelector("p").textContent = words(i);
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 4)) + "px";
  tip.style.top = Math.max(4, Math.min(y + 14, innerHeight - box.height - 4)) + "px";
}

function hideTip() {
  tip.hidden = true;
}

/// A button with the image, which shows it; shown lists and neighbours are made of these.
function tile(i, caption) {
  const button = document.createElement("button");
  button.className = "tile";
  button.dataset.image = i;
  const text = document.createElement("span");
  text.textContent = caption;
  if (i < COUNT) {
    const image = document.createElement("img");
    image.src = thumbnail(i);
    image.alt = data.names[i];
    image.loading = "lazy";
    button.append(image);
    button.classList.toggle("wrong", data.isRight !== null && data.isRight[i] === 0);
    button.addEventListener("pointermove", (event) => showTip(i, event.clientX, event.clientY));
    button.addEventListener("pointerleave", hideTip);
  } else {
    button.disabled = true;  // the store knows it, this page does not
    button.title = words(i);
  }
  button.append(text);
  return button;
}

/// A cleared canvas's pen, in the page's pixels however fine the screen is.
function sharpPen(canvas, sizedAs = canvas) {
  const { clientWidth: width, clientHeight: height } = sizedAs, fine = devicePixelRatio;
  if (canvas.width !== Math.round(width * fine)) canvas.width = Math.round(width * fine);
  if (canvas.height !== Math.round(height * fine)) canvas.height = Math.round(height * fine);
  const pen = canvas.getContext("2d");
  pen.setTransform(fine, 0, 0, fine, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

/// For text inside a chart or an SVG file, where < would begin markup.
function escaped(text) {
  return String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
}

function saveAs(name, url) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

function saveText(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  saveAs(name, url);
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/// SVG text as PNG, twice as fine.
async function rasterised(svg) {
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * 2;
  canvas.height = image.naturalHeight * 2;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

function svgPage(width, height, body) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.round(width)}" height="${Math.round(height)}" ` +
    `font-family="sans-serif" font-size="11" fill="${css("--ink")}"><rect width="100%" height="100%" fill="${css("--paper")}"/>${body}</svg>`;
}

/// Adds the two buttons that save a view; toSvg gives SVG text, or a chart of plotly's.
function addSaving(card, toSvg, showsThumbnails = false) {
  if (showsThumbnails && !Array.isArray(data.thumbnails)) return;  // a page may not read files beside it
  for (const format of ["svg", "png"]) {
    const button = document.createElement("button");
    button.textContent = format.toUpperCase();
    button.title = "save this view as " + button.textContent;
    button.dataset.save = format;
    button.addEventListener("click", async () => saveAs(card.id + "." + format, await fileOf(toSvg(), format)));
    card.querySelector("header").append(button);
  }
}

async function fileOf(made, format) {
  const svg = typeof made === "string" ? made : await chartWithSheet(made);
  return format === "png" ? rasterised(svg) : "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
}

/// A chart of plotly's, and on it what is drawn over it.
async function chartWithSheet(place) {
  const { clientWidth: width, clientHeight: height } = place;
  const layers = [await Plotly.toImage(place, { format: "svg", width, height })];
  if (place.sheet) layers.push(place.sheet.toDataURL("image/png"));
  return svgPage(width, height, layers.map((url) => `<image href="${escaped(url)}" width="${width}" height="${height}"/>`).join(""));
}
