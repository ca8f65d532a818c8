"""What an audit advises: one sentence for each kind of finding."""

UNREADABLE = (
    "Fetch these files anew from the instrument or remove them; training leaves them out, and "
    "stops where they are more than 1 %."
)
CONVERSION = "Nothing to do, unless the rule is not the one you want: see depth= in Dataset.scan."
IMBALANCE = (
    "Judge by the scores of each class, not by accuracy, and gather more of the rare class first."
)
FEW = "Its scores will have wide intervals; report counts beside them, or cross-validate (folds)."
SIZES = "Make sure that the kind of file does not follow the class: convert all in one way."
COPIES = {
    "exact": "copied exactly",
    "rotated": "rotated or mirrored",
    "near": "nearly the same (saved again, resized, cropped a little or taken again)",
}
DUPLICATES = "Dataset.split keeps copies in one split and counts them as one; do not split by hand."
LABELS = "One of the labels is wrong, or the classes overlap: look at these pictures first."
LEAK = "The score on these images is memory, not skill: split anew with georgia split."
DIVIDED = (
    "Images of one group are alike, so the score tells of groups that were seen: split anew with "
    "georgia split, which keeps groups together."
)
SHORTCUTS = {
    "image size": (
        "tells",
        "Cut or pad every class by one rule before training; resizing hides the size, but what "
        "was enlarged looks softer.",
    ),
    "channels and depth": ("tell", "Convert all images to one kind before training."),
    "bytes per pixel": (
        "tell",
        "Busy pictures take more bytes, so this may be the sample; but if classes were saved at "
        "different quality, export all anew with one program, best without loss.",
    ),
    "brightness": (
        "tells",
        "If the light was set anew between classes, this is the instrument and not the sample: "
        "record the classes in turn, or test on images of another day.",
    ),
    "place in the listing": (
        "tells",
        "Classes were recorded one after another, so that slide, time, focus and light follow the "
        "class: split by session (groups=) and test on another day.",
    ),
    "border strips": (
        "tell",
        "They tell more than strips further in: a scale bar, caption or vignette at the edge "
        "follows the class; look at the borders and remove them with crop=.",
    ),
}
