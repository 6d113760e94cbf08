# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sphinx's configuration for the collection's documentation."""

from __future__ import annotations

project = "launchkit.aws"
copyright = "Contributors to launchkit.aws"  # noqa: A001 - Sphinx's name
html_theme = "sphinx_ansible_theme"
html_title = "launchkit.aws"
extensions = ["sphinx_antsibull_ext"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
html_show_sphinx = False
