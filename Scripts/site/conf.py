"""How Sphinx makes the site; Scripts/docs.sh calls it."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

project = "Tessera"
changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
release = re.search(r"(?m)^## \[(\d.*?)\]", changelog)[1]
author = "the authors of Tessera"
html_title = f"Tessera {release}"

extensions = ["myst_parser"]
myst_heading_anchors = 6
highlight_language = "sh"
# Two dashes are an option, and quotes are for typing.
smartquotes = False

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["tessera.css"]
html_favicon = "static/tessera.svg"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#a03c14",
        "color-brand-content": "#8a3310",
        "color-brand-visited": "#6b4a8e",
        "color-sidebar-link-text--top-level": "var(--color-foreground-primary)",
    },
    "dark_css_variables": {
        "color-brand-primary": "#f0a37f",
        "color-brand-content": "#f0a37f",
        "color-brand-visited": "#c3a6e6",
        "color-sidebar-link-text--top-level": "var(--color-foreground-primary)",
    },
}
