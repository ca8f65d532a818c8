"use strict";
// A click on a cell of the confusion matrix shows its images. Names are data: textContent only.
(() => {
  const kept = JSON.parse(document.getElementById("images").textContent);
  const gallery = document.getElementById("cell-images");
  const heading = document.getElementById("cell-heading");
  const cells = [...document.querySelectorAll("table.confusion button")];

  const figure = (image) => {
    const figure = document.createElement("figure");
    const picture = document.createElement("img");
    picture.src = "data:image/jpeg;base64," + image.jpeg;
    picture.alt = image.name;
    picture.loading = "lazy";
    const caption = document.createElement("figcaption");
    caption.textContent = image.name + " (" + image.confidence + ")";
    figure.append(picture, caption);
    return figure;
  };

  const show = (cell) => {
    const images = kept.cells[cell.dataset.cell] || [];
    for (const other of cells) other.setAttribute("aria-pressed", String(other === cell));
    const more = Number(cell.dataset.count) - images.length;
    heading.textContent =
      cell.dataset.title + (more > 0 ? "; " + more + " more in predictions.csv" : "");
    gallery.replaceChildren(...images.map(figure));
  };

  for (const cell of cells) cell.addEventListener("click", () => show(cell));
  const first = cells.find((cell) => cell.dataset.wrong && !cell.disabled);
  if (first) show(first);
})();
