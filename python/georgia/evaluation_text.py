"""An evaluation as text: what `report.txt` holds and a terminal shows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from georgia.display import confusion_table, count_of, printable, share
from georgia.evaluation import CAUTION
from georgia.scoring import SPECIFICITY

if TYPE_CHECKING:
    from georgia.evaluation import Evaluation

_MOST_LISTED = 10
_OVERALL = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "kappa": "Cohen's kappa",
    "matthews": "Matthews' correlation",
}


def text_of(result: "Evaluation") -> str:
    """Every part that has something to say, one after another."""
    lines = [
        *_overall_lines(result),
        *_class_lines(result),
        *_ranking_lines(result),
        *_calibration_lines(result),
        *_selective_lines(result),
        *_refusal_lines(result),
        *_where_lines(result),
        "",
        "confusion (rows true, columns predicted)",
        confusion_table(result.confusion, result.classes),
    ]
    if result.unreadable:
        lines += ["", f"{count_of(len(result.unreadable), 'image')} could not be read:"]
        lines += [f"  {printable(error)}" for error in result.unreadable[:_MOST_LISTED]]
    return "\n".join(lines)


def overall_values(result: "Evaluation") -> dict[str, float]:
    """Single numbers by the names that `Evaluation.intervals` has."""
    return {
        "accuracy": result.accuracy,
        "balanced_accuracy": result.balanced_accuracy,
        "macro_f1": result.macro["f1"],
        "kappa": result.kappa,
        "matthews": result.matthews,
    }


def overall_names() -> Mapping[str, str]:
    """What these numbers are called."""
    return _OVERALL


def _overall_lines(result: "Evaluation") -> list[str]:
    low, high, drawn_how = result.headline_interval
    lines = [result.title] if result.title else []
    lines += [
        f"accuracy {share(result.correct, result.count)}, 95 % interval {low:.4f} to {high:.4f} "
        f"({drawn_how}), {result.split} split{CAUTION.get(result.split, '')}",
        f"computed in {result.precision} on {result.device}",
        "",
    ]
    drawn = f", 95 % intervals by drawing {count_of(result.groups, 'group')} again"
    lines.append(f"scores{drawn if result.intervals else ''}")
    for name, value in overall_values(result).items():
        pair = result.intervals.get(name)
        shown = f"  {pair[0]:.4f} to {pair[1]:.4f}" if pair else ""
        lines.append(f"  {_OVERALL[name]:<22} {value:7.4f}{shown}")
    if result.twins:
        without = result.twins["without"]
        copies = result.twins["with"][1] - without[1]
        if copies:
            lines.append(
                f"  without {count_of(copies, 'image')} with a copy in "
                f"{'training' if result.split == 'validation' else 'training or validation'}: "
                f"{share(*without)}"
            )
    return lines


def _class_lines(result: "Evaluation") -> list[str]:
    width = max(12, *(len(printable(name)) for name in result.classes))
    lines = [
        "",
        f"{'class':<{width}}  precision  recall      f1  images  ROC area  avg. precision  "
        f"recall at {SPECIFICITY:.0%} specificity",
    ]
    rows = [
        *zip(result.classes, result.per_class, strict=True),
        ("macro", result.macro),
        ("weighted", result.weighted),
    ]
    for name, score in rows:
        line = (
            f"{printable(name):<{width}}  {score['precision']:9.4f}  {score['recall']:6.4f}  "
            f"{score['f1']:6.4f}  {score['support']:6}"
        )
        if "roc_area" in score:
            line += (
                f"  {score['roc_area']:8.4f}  {score['average_precision']:14.4f}  "
                f"{score['sensitivity']:10.4f}"
            )
        lines.append(line)
    return lines


def _ranking_lines(result: "Evaluation") -> list[str]:
    """What the best few classes hold, where there are more than two."""
    lines = []
    if len(result.classes) > 2:
        shares = [f"{k} best {share(hits, result.count)}" for k, hits in enumerate(result.top, 1)]
        lines += ["", f"right class among the {', '.join(shares[1:])}"]
    if result.targets:
        of_targets = sum(int(label in result.targets) for label in result.scored_labels)
        names = ", ".join(printable(name) for name in result.targets)
        lines += ["", f"missed of {names}, and what is to be looked at:"]
        lines += [
            f"  {'label' if k == 1 else f'{k} best'}: missed {share(missed, of_targets)}, "
            f"review {share(review, result.count)}"
            for k, (missed, review) in enumerate(zip(result.missed, result.review, strict=True), 1)
        ]
        lines += _missed_rule_lines(result)
    return lines


def _missed_rule_lines(result: "Evaluation") -> list[str]:
    rule = result.missed_rule
    if not rule:
        return []
    if "refused" in rule:
        return [f"  a missed rate of {rule['rate']:.4f} cannot be promised: {rule['refused']}"]
    return [
        f"  looking at all of {rule['threshold']:.4f} and more promises to miss at most "
        f"{rule['rate']:.4f}: missed {share(rule['missed'], rule['targets'])}, "
        f"review {share(rule['review'], rule['count'])}; {rule['from']}"
        f"{result.caution_for('sets')}"
    ]


def _calibration_lines(result: "Evaluation") -> list[str]:
    if not result.calibration:
        return []
    before, after = result.calibration["before"], result.calibration["after"]

    def change(read: Any) -> str:
        return f"{read(before):.4f} -> {read(after):.4f}"

    return [
        "",
        f"calibration, before -> after a temperature of {result.temperature:.3f}"
        f"{result.caution_for('temperature')}",
        f"  log loss {change(lambda c: c['log_loss'])} nats, Brier {change(lambda c: c['brier'])}",
        "  calibration error of 15 bins: "
        f"equal width {change(lambda c: c['equal width']['error'])}, "
        f"equal mass {change(lambda c: c['equal mass']['error'])}, "
        f"debiased {change(lambda c: c['equal mass']['debiased'])}",
    ]


def _selective_lines(result: "Evaluation") -> list[str]:
    if not result.selective:
        return []
    shown = [
        f"{at['coverage']:.0%} {at['accuracy']:.4f} (confidence {at['confidence']:.2f} and more)"
        for at in result.selective["accuracy_at"].values()
    ]
    return [
        "",
        f"accuracy of the surest {', '.join(shown)}",
        f"area under risk by coverage {result.selective['area']:.4f}",
    ]


def _refusal_lines(result: "Evaluation") -> list[str]:
    lines = []
    if result.sets or result.refused_sets:
        lines += ["", f"prediction sets, {result.sets_from}{result.caution_for('sets')}"]
        lines += [
            f"  {one['kind']:<9} {1 - one['alpha']:.0%} promised, "
            f"{share(one['covered'], one['count'])} hold the true class, "
            f"{one['size']:.2f} classes in the mean"
            for one in result.sets
        ]
        lines += [f"  {kind}: none, {why}" for kind, why in result.refused_sets.items()]
    if result.outliers is not None:
        lines += [
            "",
            f"taken for foreign: {share(result.outliers, result.count)}"
            f"{result.caution_for('outliers')}",
        ]
    if result.foreign:
        lines.append(
            f"{count_of(result.foreign['images'], 'foreign image')}: told apart (AUROC), taken in "
            "where 95 % of the own ones are (FPR95), refused at the threshold"
        )
        for name, one in result.foreign["scores"].items():
            mark = "  (default)" if name == result.foreign["default"] else ""
            lines.append(
                f"  {name:<20} {one['auroc']:.4f}  {one['fpr95']:.4f}  {one['refused']:.4f}{mark}"
            )
    return lines


def _where_lines(result: "Evaluation") -> list[str]:
    """Pairs, groups and images where it fails."""
    lines = []
    if result.confused:
        lines += ["", "most confused"]
        lines += [
            f"  {printable(true)} taken for {printable(taken)}: {number}"
            for true, taken, number in result.confused[:_MOST_LISTED]
        ]
    if result.by_group:
        lines += ["", "groups with the most errors"]
        lines += [
            f"  {printable(name)}: {errors} of {images}"
            for name, images, errors in result.by_group[:_MOST_LISTED]
        ]
    if worst := result.worst(_MOST_LISTED):
        lines += ["", "mistakes of the highest loss"]
        for i in worst:
            p = result.predictions[i]
            lines.append(
                f"  {printable(p.path)}: {printable(result.labels[i])}, "
                f"taken for {printable(p.label)} ({p.confidence:.4f})"
            )
    return lines
