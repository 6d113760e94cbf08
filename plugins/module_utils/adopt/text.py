# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The text of a fleet file that describes an account and Region. Pure.
Private to the collection: names and shapes can change in any release."""

import textwrap

try:
    import yaml
    from yaml import SafeDumper
except ImportError:
    SafeDumper = object  # type: ignore[assignment,misc]  # Reported by the module

WIDTH = 120
# What comes after this line is written anew each time.
DECISIONS = "# These need a decision, and are not in the list above:"
HEADER = """\
Describes what account {account} has in {region}. Plan, which changes nothing, and apply:
  ansible-playbook launchkit.aws.fleet -e @{path} --check --diff
  ansible-playbook launchkit.aws.fleet -e @{path}"""
ADOPT = """\
What has no tag launchkit:application is not the collection's, and a run refuses to change it. With true, a run takes it \
over and adds the tag."""
# Text in which Ansible would look for templates.
TEMPLATES = ("{{", "{%", "{#")


class _Dumper(SafeDumper):
    """Writes each list and dictionary in full, and marks text that Ansible must not take for a template."""

    def ignore_aliases(self, data):
        return True

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


def _text(dumper, value):
    tag = "!unsafe" if any(each in value for each in TEMPLATES) else "tag:yaml.org,2002:str"
    return dumper.represent_scalar(tag, value, style='"' if tag == "!unsafe" else None)


if SafeDumper is not object:
    _Dumper.add_representer(str, _text)


def fleet_file(observed, path, defaults, entries, described):
    """Return the text of a fleet file.

    :param observed: has ``account`` and ``region``.
    :param path: of the file, as the caller wrote it.
    :param defaults: values for ``fleet_defaults``.
    :param entries: name -> variables of each application that is described.
    :param described: all descriptions; those with a decision are listed at the end.
    """
    notes = {each.name: each.notes for each in described}
    lines = ["---", *comment(HEADER.format(account=observed.account, region=observed.region, path=path))]
    lines += ["", *dumped({"aws_region": observed.region, "fleet_account": observed.account})]
    lines += ["", *comment(ADOPT), *dumped({"fleet_adopt": False})]
    lines += [
        "",
        *dumped({"fleet_defaults": defaults}),
        "",
        "fleet_applications:" if entries else "fleet_applications: []",
    ]
    for name, entry in entries.items():
        lines += [f"  {line}".rstrip() for note in notes[name] for line in comment(note)]
        lines += [f"  {line}" for line in dumped([entry])]
        lines.append("")
    return "\n".join([*lines[: -1 if entries else None], *decisions(described)]) + "\n"


def decisions(described):
    """Return the lines about the applications that need a decision."""
    open_ones = [each for each in described if each.decision]
    if not open_ones:
        return []
    lines = ["", DECISIONS]
    for each in open_ones:
        for sentence in (f"{each.name} ({each.subject}): {each.decision}", *each.notes):
            lines += comment(sentence)
    return lines


def comment(text):
    """Return text as lines of a comment. Control characters end no line of it."""
    wrapped = []
    for line in text.split("\n"):
        shown = "".join(each if each.isprintable() else "?" for each in line)
        indent = " " * (len(shown) - len(shown.lstrip()))
        wrapped += textwrap.wrap(shown, WIDTH - 4, subsequent_indent=indent, break_on_hyphens=False) or [""]
    return [f"# {line}".rstrip() for line in wrapped]


def dumped(value):
    """Return a value as lines of YAML."""
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=WIDTH - 4, allow_unicode=True)
    return text.rstrip("\n").split("\n")
