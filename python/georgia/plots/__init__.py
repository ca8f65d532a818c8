"""Arrays in, a matplotlib Figure out. Nothing here knows networks, files or runs."""

from georgia.plots.clusters import clusters as clusters
from georgia.plots.data import audit as audit
from georgia.plots.explanation import explanations as explanations
from georgia.plots.explanation import feature_maps as feature_maps
from georgia.plots.explanation import filters as filters
from georgia.plots.explanation import timeline as timeline
from georgia.plots.images import augmentations as augmentations
from georgia.plots.images import samples as samples
from georgia.plots.scores import confusion_matrix as confusion_matrix
from georgia.plots.scores import curves as curves
from georgia.plots.scores import outliers as outliers
from georgia.plots.scores import reliability as reliability
from georgia.plots.scores import risk_coverage as risk_coverage
from georgia.plots.training import history as history
from georgia.plots.training import rate_curve as rate_curve
