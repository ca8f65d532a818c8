"""The part of the report that says how far an answer can be believed."""

from georgia import plots
from georgia.display import count_of, page, share
from georgia.evaluation import Evaluation
from georgia.model import Model
from georgia.report import pictures
from georgia.report.parts import chart, table
from georgia.run import Run

_EXPLAINED = 6


def curves(result: Evaluation) -> str:
    """ROC and precision-recall curves of each class."""
    drawn = chart(plots.curves(result), "ROC and precision-recall curves of each class")
    return f"<h2>Curves</h2>{drawn}"


def calibration(result: Evaluation) -> str:
    """Temperature, calibration errors, and what the surest answers are worth."""
    if not result.calibration:
        return ""
    before, after = result.calibration["before"], result.calibration["after"]
    rows: list[list[object]] = [
        ["log loss (nats)", f"{before['log_loss']:.4f}", f"{after['log_loss']:.4f}"],
        ["Brier score", f"{before['brier']:.4f}", f"{after['brier']:.4f}"],
    ]
    for kind in ("equal width", "equal mass"):
        for key, words in (("error", "calibration error"), ("debiased", "the same, debiased")):
            rows.append(
                [
                    f"{words}, 15 bins of {kind}",
                    *(f"{found[kind][key]:.4f}" for found in (before, after)),
                ]
            )
    sure = "; ".join(
        f"{at['coverage']:.0%} of the images {at['accuracy']:.4f}"
        for at in result.selective["accuracy_at"].values()
    )
    return (
        "<h2>How far a confidence can be believed</h2>"
        f"<p>A temperature of {result.temperature:.3f}, fitted on the validation split"
        f"{page(result.caution_for('temperature'))}, divides the logits; labels stay as they are."
        "</p>"
        + table(["", "before", "after"], rows)
        + chart(plots.reliability(result), "accuracy by confidence")
        + f"<p>Accuracy where only the surest are answered: {page(sure)}.</p>"
        + chart(plots.risk_coverage(result), "wrong answers by the share that is answered")
    )


def refusal(result: Evaluation) -> str:
    """Prediction sets and outliers."""
    text = ""
    if result.sets or result.refused_sets:
        rows: list[list[object]] = [
            [
                one["kind"],
                f"{1 - one['alpha']:.0%}",
                share(one["covered"], one["count"]),
                f"{one['size']:.2f}",
            ]
            for one in result.sets
        ]
        rows += [[kind, "none", why, ""] for kind, why in result.refused_sets.items()]
        text += (
            f"<p>Prediction sets, {page(result.sets_from + result.caution_for('sets'))}:</p>"
            + table(["kind", "promised", "sets that hold the class", "mean size"], rows)
        )
    outliers = result.predictions.outliers
    if outliers is not None:
        text += f"<p>Taken for foreign: {page(share(result.outliers or 0, result.count))}"
        text += f"{page(result.caution_for('outliers'))}.</p>"
        place = outliers.names.index(outliers.default)
        own = outliers.score[result.scored]
        text += chart(
            plots.outliers(own, float(outliers.thresholds[place]), name=outliers.default),
            "outlier scores",
        )
    if result.foreign:
        scores: list[list[object]] = [
            [name, f"{one['auroc']:.4f}", f"{one['fpr95']:.4f}", f"{one['refused']:.4f}"]
            for name, one in result.foreign["scores"].items()
        ]
        text += f"<p>{count_of(result.foreign['images'], 'foreign image')}:</p>" + table(
            ["score", "AUROC", "FPR95", "refused"], scores
        )
    return f"<h2>What it should refuse</h2>{text}" if text else ""


def worst(run: Run, model: Model, result: Evaluation) -> str:
    """The mistakes of the highest loss, or the least sure answers, with maps."""
    worst = result.worst(_EXPLAINED) or result.predictions.least_sure(_EXPLAINED)
    if not worst:
        return ""
    words = "Mistakes of the highest loss" if result.worst(1) else "Least sure"
    paths = [result.predictions.paths[i] for i in worst]
    found = model.explain(
        paths,
        label=[result.predictions[i].label for i in worst],
        device=result.device,
        limits=run.options.limits,
    )
    return (
        f"<h2>{words}, and where the model looked</h2>"
        "<p class='quiet small'>LayerCAM of the class that was answered; red, orange and yellow "
        "are the highest 10, 20 and 30 %. A map alone is no evidence: deletion should be low, "
        "insertion high, and likeness to a network of random weights small.</p>"
        f'<div class="maps">{pictures.maps_of(result, found, worst)}</div>'
    )
