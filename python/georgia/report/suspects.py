"""The part of the report about labels that something contradicts."""

import base64

from georgia import _core
from georgia.cross_validation import TABLE
from georgia.display import count_of, page
from georgia.label_errors import label_errors
from georgia.run import Run

_MOST = 24
_SIDE = 120  # pixels


def suspects(run: Run) -> str:
    """Images whose label may be wrong, where a cross-validation of the run is there."""
    if not (run.folder / "crossval" / TABLE).is_file():
        return (
            "<h2>Label suspects</h2><p class='quiet'>Not looked for: <code>georgia label-errors "
            "RUN</code>, then <code>georgia evaluate RUN</code> again.</p>"
        )
    found = label_errors(run)
    shown = found.suspects[:_MOST]
    made = _core.portraits(
        [suspect.path for suspect in shown], run.options.preprocess, run.options.limits, _SIDE
    )["jpegs"]
    figures = "".join(
        f'<figure><img alt="{page(suspect.path)}" loading="lazy" '
        f'src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"><figcaption>'
        f"{page(suspect.path.rpartition('/')[2])}: {page(suspect.given)}, likely "
        f"{page(suspect.likely)}{' (a copy says so)' if suspect.reason == 'copy' else ''}"
        "</figcaption></figure>"
        for suspect, jpeg in zip(shown, made, strict=True)
    )
    return (
        f"<h2>Label suspects</h2><p>{count_of(len(found), 'label')} of "
        f"{count_of(found.images, 'image')} may be wrong, by copies or by models that missed the "
        f'image; the likeliest:</p><div class="gallery">{figures}</div>'
    )
