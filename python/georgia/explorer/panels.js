// Filters, the list of what is selected, and how the page was made.

const ANSWERS = [["right", 1], ["wrong", 0]];
const YES_NO = [["yes", 1], ["no", 0]];
const filters = {
  label: data.classes.length && data.classes.map((name, k) => [name, k]),
  split: data.splits.length && data.splits.map((name, k) => [name, k]),
  isRight: data.isRight && ANSWERS,
  cluster: Array.from({ length: data.clusters }, (_, k) => ["cluster " + k, k]),
  isOutlier: data.isOutlier && YES_NO,
};
const search = document.getElementById("search");
const chosen = {};

for (const [key, choices] of Object.entries(filters)) {
  const label = document.querySelector(`[data-filter="${key}"]`);
  label.hidden = !choices;
  if (!choices) continue;
  const box = label.querySelector("select");
  box.append(new Option("all", ""), ...choices.map(([name, value]) => new Option(name, value)));
  box.addEventListener("change", () => { chosen[key] = box.value; filter(); });
}
search.addEventListener("input", filter);
document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());

function filter() {
  const wanted = Object.entries(chosen).filter(([, value]) => value !== "").map(([key, value]) => [data[key], Number(value)]);
  const part = search.value.toLowerCase();
  state.shown = EVERY.filter((i) => wanted.every(([values, value]) => values[i] === value) && data.paths[i].toLowerCase().includes(part));
  return changed("shown");
}

const colourBox = document.getElementById("colour");
for (const [key, by] of Object.entries(colourings)) if (by) colourBox.append(new Option(by.name, key));
colourBox.addEventListener("change", () => { state.colour = colourBox.value; changed("colour"); });

const LISTED = 2000;  // paths; a longer text would make each choice slow
const selection = addView("selection", () => {
  const images = [...state.selected].sort((a, b) => a - b);
  selection.querySelector(".count").value = images.length + " of " + COUNT;
  const rest = images.length > LISTED ? "\n... and " + (images.length - LISTED) + " more, all of them in the copy and the CSV" : "";
  selection.querySelector("textarea").value = images.slice(0, LISTED).map((i) => data.paths[i]).join("\n") + rest;
});
const chosenPaths = () => [...state.selected].sort((a, b) => a - b).map((i) => data.paths[i]).join("\n");

/// A cell that no spreadsheet takes for a formula, quoted where it must be.
function cell(value) {
  const text = String(value ?? "");
  const plain = /^[=+\-@\t\r]/.test(text) && !/^-?[\d.]+(e-?\d+)?$/.test(text) ? "'" + text : text;
  return /[",\n\r]/.test(plain) ? '"' + plain.replaceAll('"', '""') + '"' : plain;
}

function selectionCsv() {
  const rows = [...state.selected].sort((a, b) => a - b).map((i) => [
    data.paths[i], data.classes[data.label[i]], data.answers?.[data.answered[i]], data.confidence?.[i], data.cluster[i]]);
  return [["path", "class", "answer", "confidence", "cluster"], ...rows].map((row) => row.map(cell).join(",") + "\n").join("");
}

selection.querySelector(".shown").addEventListener("click", () => select(state.shown));
selection.querySelector(".none").addEventListener("click", () => select([]));
selection.querySelector(".invert").addEventListener("click", () => select(state.shown.filter((i) => !state.selected.has(i))));
selection.querySelector(".csv").addEventListener("click", () => saveText("selected.csv", selectionCsv(), "text/csv"));
selection.querySelector(".copy").addEventListener("click", async () => {
  const text = selection.querySelector("textarea");
  try { await navigator.clipboard.writeText(chosenPaths()); } catch { text.select(); document.execCommand("copy"); }
});
addEventListener("keydown", (event) => { if (event.key === "Escape" && event.target !== search) { hideTip(); select([]); } });

const about = addView("about", () => {
  const rows = Object.entries(data.facts);
  if (data.unreadable.length) rows.push(["left out", data.unreadable.join("; ")]);
  fillList(about.querySelector("dl"), rows);
});
changed();
