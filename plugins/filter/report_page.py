# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
name: report_page
author: Contributors to the launchkit.aws project (@launchkit)
version_added: 0.1.0
short_description: Render a report as a page
description:
  - Renders a template of the role P(launchkit.aws.report#role). In HTML, each value is escaped. No value is evaluated as
    a template.
options:
  _input:
    description: What P(launchkit.aws.merged_report#filter) returns.
    type: dict
    required: true
  template:
    description: The path of the template. HTML if the name has C(.html), Markdown otherwise.
    type: path
    required: true
  variables:
    description: Further variables of the template.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    content: "{{ merged | launchkit.aws.report_page(template=role_path ~ '/templates/report.html.j2', variables={}) }}"
    dest: report.html
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

# Characters that Markdown or Mermaid read as more than text.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&])")
_MERMAID = re.compile(r"[^\w .,:/@=+-]")


def report_page(page, template, variables):
    """Return the page of a merged report. Ansible's own templates would not escape the values."""
    path = Path(template)
    files = path.parent.parent / "files"
    environment = Environment(
        loader=FileSystemLoader(path.parent),
        autoescape=".html" in path.name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = (files / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.filters.update(code=_code, markdown=_markdown, mermaid=_mermaid)
    # The content security policy of the page names the one script that it runs.
    files_read = dict(
        script=Markup(script),
        script_hash=f"sha256-{digest}",
        style=Markup((files / "report.css").read_text(encoding="utf-8")),
    )
    return environment.get_template(path.name).render(page=page, **variables, **files_read)


def _markdown(value):
    return _MARKDOWN.sub(r"\\\1", " ".join(str(value).split()))


def _code(value):
    """Return a text as a code span, whose delimiter is longer than any row of backticks in it."""
    text = " ".join(str(value).split())
    delimiter = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{delimiter} {text} {delimiter}" if "`" in text else f"{delimiter}{text}{delimiter}"


def _mermaid(value):
    return _MERMAID.sub(lambda match: f"#{ord(match[0])};", " ".join(str(value).split()))


class FilterModule:
    """The filter."""

    def filters(self):
        return {"report_page": report_page}
