// The images themselves, some at a time.

const AT_ONCE = 240;
const tiles = document.querySelector("#gallery .tiles");
const tap = document.getElementById("tap");
let shownTiles = AT_ONCE;

function markTiles() {
  const colour = colourOf();
  for (const button of tiles.children) {
    const i = Number(button.dataset.image);
    button.style.borderColor = colour(i);
    button.setAttribute("aria-pressed", state.selected.has(i));
    if (i === state.current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

const gallery = addView("gallery", (changes) => {
  if (changes.has("shown")) {
    const images = state.shown.slice(0, shownTiles);
    tiles.replaceChildren(...images.map((i) => tile(i, data.names[i].split("/").pop())));
    gallery.querySelector(".more").hidden = state.shown.length <= shownTiles;
    for (const button of tiles.children) button.tabIndex = -1;
    if (tiles.firstChild) tiles.firstChild.tabIndex = 0;
  }
  markTiles();
});

gallery.querySelector(".more").addEventListener("click", () => {
  shownTiles += AT_ONCE;
  views.find((one) => one.card === gallery).changes.add("shown");
  drawSoon();
});
tap.addEventListener("click", () => tap.setAttribute("aria-pressed", tap.getAttribute("aria-pressed") !== "true"));
tiles.addEventListener("click", (event) => {
  const button = event.target.closest(".tile");
  if (!button) return;
  const selects = event.shiftKey || event.ctrlKey || tap.getAttribute("aria-pressed") === "true";
  (selects ? toggle : look)(Number(button.dataset.image));
});
tiles.addEventListener("keydown", (event) => {
  const all = [...tiles.children], place = all.indexOf(event.target);
  if (place < 0) return;
  const row = Math.max(1, Math.floor(tiles.clientWidth / (event.target.offsetWidth + 4)));
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row };
  if (event.key === " ") toggle(Number(event.target.dataset.image));
  else if (event.key === "Enter") look(Number(event.target.dataset.image));
  else if (event.key in steps) {
    const next = all[Math.min(all.length - 1, Math.max(0, place + steps[event.key]))];
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  } else return;
  event.preventDefault();
});
addSaving(gallery, () => {
  const images = [...tiles.querySelectorAll("img")], columns = 10, side = 84, colour = colourOf();
  const cells = images.map((image, k) => {
    const i = Number(image.parentElement.dataset.image), x = (k % columns) * side + 6, y = Math.floor(k / columns) * (side + 12) + 6;
    return `<rect x="${x}" y="${y}" width="76" height="76" fill="#808080" stroke="${colour(i)}" stroke-width="3"/>` +
      `<image href="${escaped(image.src)}" x="${x}" y="${y}" width="76" height="76"/>` +
      `<text x="${x}" y="${y + 87}" font-size="8">${escaped([...data.names[i].split("/").pop()].slice(0, 18).join(""))}</text>`;
  });
  return svgPage(columns * side + 8, Math.ceil(images.length / columns) * (side + 12) + 10, cells.join(""));
}, true);
