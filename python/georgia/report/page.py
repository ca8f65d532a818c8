"""`report.html`: everything that is known of a run, on one page that loads nothing."""

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from georgia import _core, plots
from georgia.display import count_of, page, share
from georgia.evaluation import CAUTION, Evaluation
from georgia.evaluation_text import overall_names, overall_values
from georgia.model import Model
from georgia.report import belief, card, pictures
from georgia.report.parts import chart, table
from georgia.report.suspects import suspects
from georgia.run import Run

if TYPE_CHECKING:
    from georgia.audit import Audit

# Nothing but what is in the page: no request can leave it, whatever a class is called.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def write(run: Run, model: Model, result: Evaluation, audit: "Audit | None") -> None:
    """Write ``report.html`` and ``model_card.md`` into a run's folder."""
    _core.write_text(run.folder / "report.html", render(run, model, result, audit))
    _core.write_text(run.folder / "model_card.md", card.render(run, model, result, audit))


def render(run: Run, model: Model, result: Evaluation, audit: "Audit | None") -> str:
    """The page as HTML."""
    parts = [
        _head(run, result),
        _warnings(result, audit),
        _trained(run),
        _scores(result),
        _confusion(run, result),
        belief.curves(result),
        belief.calibration(result),
        belief.refusal(result),
        belief.worst(run, model, result),
        suspects(run),
        _settings(run, model, result),
    ]
    title = page(run.title or run.folder.name)
    behaviour = resources.files("georgia.report").joinpath("behaviour.js").read_text("utf-8")
    style = resources.files("georgia.report").joinpath("style.css").read_text("utf-8")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + f"\n<script>\n{behaviour}</script>\n</body>\n</html>\n"
    )


def _head(run: Run, result: Evaluation) -> str:
    low, high, drawn_how = result.headline_interval
    shown = [
        (f"{result.accuracy:.4f}", f"accuracy, {result.correct} of {result.count}"),
        (f"{low:.3f} to {high:.3f}", f"its 95 % interval, {drawn_how}"),
        (f"{result.balanced_accuracy:.4f}", "balanced accuracy"),
        (f"{result.macro['f1']:.4f}", "macro F1"),
    ]
    boxes = "".join(f"<div><b>{page(value)}</b>{page(name)}</div>" for value, name in shown)
    return (
        f"<h1>{page(run.title or run.folder.name)}</h1>"
        f'<p class="quiet">{page(run.options.network)} of {count_of(len(result.classes), "class")},'
        f" {page(result.split)} split{page(CAUTION.get(result.split, ''))}; begun "
        f"{page(run.begun)}</p>"
        f'<div class="score">{boxes}</div>'
    )


def _warnings(result: Evaluation, audit: "Audit | None") -> str:
    """What makes the scores worth less comes before them all."""
    found = []
    if audit is None:
        found.append(
            ("note", "images", "they could not be audited again: some changed or are gone")
        )
    else:
        found += [
            (one.severity, one.kind, f"{one.text}. {one.advice}")
            for one in audit.findings
            if one.severity != "note"
        ]
    if result.unreadable:
        text = f"{count_of(len(result.unreadable), 'image')} of this split could not be read"
        found.append(("warning", "unreadable", text))
    if not found:
        return '<p class="finding">Nothing was found in the images that would make a score mislead.'
    return "".join(
        f'<div class="finding {page(severity)}"><b>{page(kind)}</b>{page(text)}</div>'
        for severity, kind, text in found
    )


def _trained(run: Run) -> str:
    dataset = run.dataset
    splits = ("train", "validation", "test", "calibration")
    shown = [name for name in splits if dataset.part(name)]
    rows: list[list[object]] = []
    for label in dataset.classes:
        counts = [sum(s.label == label for s in dataset.part(name)) for name in shown]
        rows.append([label, *counts])
    history = ""
    if run.history:
        history = chart(plots.history(run.history), "loss and accuracy by epoch")
    reasons = "".join(f"<li>{page(reason)}</li>" for reason in run.reasons)
    return (
        "<h2>What was trained on what</h2>"
        f"<p>{page(run)}</p>{table(['images', *shown], rows)}"
        "<p class='quiet small'>Where copies of one picture, or a group (slide, batch), lie in "
        f"more than one split, the warnings above say so.</p><ul>{reasons}</ul>{history}"
    )


def _scores(result: Evaluation) -> str:
    overall: list[list[object]] = []
    for name, value in overall_values(result).items():
        pair = result.intervals.get(name)
        text = f"{pair[0]:.4f} to {pair[1]:.4f}" if pair else ""
        overall.append([overall_names()[name], f"{value:.4f}", text])
    classes: list[list[object]] = [
        [
            name,
            *(f"{score[key]:.4f}" for key in ("precision", "recall", "f1")),
            f"{score['support']:.0f}",
            *(f"{score[key]:.4f}" for key in ("roc_area", "average_precision", "sensitivity")),
        ]
        for name, score in zip(result.classes, result.per_class, strict=True)
    ]
    header = ["class", "precision", "recall", "F1", "images", "ROC area", "average precision",
              "recall at 95 % specificity"]  # fmt: skip
    text = "<h2>Scores</h2>" + table(
        ["", "", f"95 % interval, {count_of(result.groups, 'group')} drawn again"], overall
    )
    if result.twins and result.twins["with"] != result.twins["without"]:
        text += (
            "<p>Without images that have a copy in training or validation: "
            f"{page(share(*result.twins['without']))}.</p>"
        )
    text += table(header, classes)
    if len(result.classes) > 2:
        best = [f"{k} best {share(hits, result.count)}" for k, hits in enumerate(result.top, 1)]
        text += f"<p>Right class among the {page(', '.join(best[1:]))}.</p>"
    if result.by_group:
        rows: list[list[object]] = [[*row] for row in result.by_group[:20]]
        text += table(["group", "images", "errors"], rows)
    return text


def _confusion(run: Run, result: Evaluation) -> str:
    cells = pictures.cells_of(run, result)
    rows = []
    for t, true in enumerate(result.classes):
        total = int(result.confusion[t].sum())
        row = f'<th scope="row">{page(true)}</th>'
        for p, taken in enumerate(result.classes):
            number = int(result.confusion[t, p])
            wrong = t != p
            title = f"{true} taken for {taken}" if wrong else f"{true}, right"
            row += (
                f'<td{" class=wrong" if wrong else ""}><button style="--share:'
                f'{number / total if total else 0:.3f}" data-cell="{t},{p}" '
                f'data-count="{number}" data-title="{page(title)}: {number}" aria-pressed="false"'
                f"{' data-wrong=1' if wrong else ''}{'' if number else ' disabled'} "
                f'aria-label="{page(title)}: {number}">{number}</button></td>'
            )
        rows.append(f"<tr>{row}</tr>")
    names = "".join(f'<th class="column" scope="col">{page(name)}</th>' for name in result.classes)
    data = json.dumps({"cells": cells}).replace("<", "\\u003c")
    return (
        "<h2>Confusion</h2><p class='quiet small no-print'>Rows are true classes, columns what "
        "they were taken for. Choose a cell to see its images.</p>"
        f'<div class="wide"><table class="confusion"><tr><td></td>{names}</tr>{"".join(rows)}'
        '</table></div><h3 id="cell-heading" class="small"></h3>'
        '<div id="cell-images" class="gallery"></div>'
        f'<script type="application/json" id="images">{data}</script>'
    )


def _settings(run: Run, model: Model, result: Evaluation) -> str:
    facts = {
        "computed": f"{result.precision} on {result.device}",
        "provenance": model.provenance,
        "calibration": json.loads(model.reliability.facts) if model.reliability else None,
        "options": run.options.to_dict(),
    }
    return (
        "<h2>Settings and versions</h2><details><summary>All of them</summary>"
        f"<pre>{_text(facts)}</pre></details>"
    )


def _text(facts: dict[str, Any]) -> str:
    return "\n".join(page(line) for line in json.dumps(facts, indent=1).splitlines())
