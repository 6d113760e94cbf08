# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sphinx's configuration for the collection's documentation."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes

project = "launchkit.aws"
copyright = "Contributors to launchkit.aws"  # noqa: A001 - Sphinx's name
html_theme = "sphinx_ansible_theme"
html_title = "launchkit.aws"
extensions = ["sphinx_antsibull_ext"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
html_show_sphinx = False

ANSIBLE_PAGES = "https://docs.ansible.com/ansible/latest"
# What the generated pages refer to in Ansible's own; intersphinx would have to fetch an inventory to know them.
ANSIBLE_LABELS = {
    "common_return_values": "reference_appendices/common_return_values.html",
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
}
OTHER_COLLECTION = re.compile(
    r"ansible_collections\.(?!launchkit\.aws\.)(\w+)\.(\w+)\.(\w+_(?:module|lookup|role))(__.*)?"
)


def link_ansible(app: Any, environment: Any, node: Any, content: Any) -> Any:
    """Resolve a reference into Ansible's own documentation, or None for Sphinx to complain."""
    target = node["reftarget"]
    page = ANSIBLE_LABELS.get(target)
    if match := OTHER_COLLECTION.fullmatch(target):
        page = f"collections/{match[1]}/{match[2]}/{match[3]}.html"
    if page is None:
        return None
    reference = nodes.reference("", "", internal=False, refuri=f"{ANSIBLE_PAGES}/{page}")
    reference += content
    return reference


def setup(app: Any) -> None:
    app.connect("missing-reference", link_ansible)
