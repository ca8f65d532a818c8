"""How sphinx builds these pages; `make docs` runs it."""

import re
from dataclasses import is_dataclass

import matplotlib as mpl
from sphinx.addnodes import pending_xref

import georgia

mpl.use("Agg")

project = "georgia"
author = "The georgia developers"
project_copyright = "The georgia developers"
version = release = georgia.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.doctest",
]
myst_heading_anchors = 3

default_role = "py:obj"  # a name in single backticks is a link where it is known
autodoc_typehints = "none"  # docstrings say types, shapes and units
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False
add_module_names = False
python_maximum_signature_line_length = 88
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
doctest_test_doctest_blocks = "default"  # the examples in docstrings too

html_theme = "alabaster"
html_static_path = ["_static"]
html_css_files = ["page.css"]
html_title = f"georgia {release}"
html_sidebars = {"**": ["about.html", "searchfield.html", "navigation.html"]}
html_show_sourcelink = False
html_theme_options = {
    "description": "Image classification for microscopy",
    "page_width": "1140px",
    "code_font_size": "0.82em",
    "sidebar_width": "230px",
    "fixed_sidebar": True,
    "font_family": "system-ui, sans-serif",
    "head_font_family": "system-ui, sans-serif",
    "show_powered_by": False,
}

_FIELD = re.compile(r"^\w+ : ")
_NAMES = re.compile(r"^\w+(, \w+)+(?= : |$)")


def _fields_as_parameters(_app, what, _name, obj, _options, lines):
    """Show the fields of the core's option classes, ``name : meaning``, with their defaults."""
    first = next((i for i, line in enumerate(lines) if _FIELD.match(line)), None)
    if what != "class" or not hasattr(obj, "from_dict") or first is None or "Parameters" in lines:
        return
    shown = ["Parameters", "----------"]
    for line in filter(None, lines[first:]):
        field, meaning = line.split(" : ", 1)
        value = getattr(obj(), field)
        is_plain = isinstance(value, bool | int | float | str | list)
        default = f" : {type(value).__name__}, default ``{value!r}``" if is_plain else ""
        shown += [f"{field}{default}", f"    {meaning}"]
    lines[first:] = shown


def _names_together(_app, _what, _name, _obj, _options, lines):
    """Write ``first, second : int`` without blanks, at which napoleon would part attributes."""
    if "Attributes" in lines:
        lines[:] = [_NAMES.sub(lambda found: found[0].replace(", ", ","), line) for line in lines]


def _made_by_the_package(_app, what, name, obj, _options, _signature, returned):
    """Leave out how results are made; of the data classes users make records alone."""
    if what == "class" and is_dataclass(obj) and name != "georgia.store.Record":
        return "", returned
    return None


def _no_links_of_words(_app, tree):
    """Keep plain words of a type, as in ``images, optional``, from linking to some attribute."""
    for node in list(tree.findall(pending_xref)):
        if node["reftype"] == "class" and node["reftarget"].islower():
            node.replace_self(node.children)


def setup(app):
    """Docstrings are changed before napoleon, which listens at 500."""
    for listener in (_fields_as_parameters, _names_together):
        app.connect("autodoc-process-docstring", listener, priority=400)
    app.connect("autodoc-process-signature", _made_by_the_package)
    app.connect("doctree-read", _no_links_of_words)
