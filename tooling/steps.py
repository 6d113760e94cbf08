# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps of `make test`. Each is a function of a Step, which runs its commands; a failing command raises."""

from __future__ import annotations

import itertools
import re
import shutil
import sys
import tarfile
import xml.etree.ElementTree
from collections.abc import Callable, Mapping
from pathlib import Path

import embedded
import yaml
from environment import pip_settings, uv_environment
from project import HOME, NAME, NAMESPACE, PYTHON, REMOTE_TMP, ROOT, VENV, registry_environment, site_packages, sources
from step import EMPTY, TIMEOUT_SECONDS, Failed, Step
from versions import build_lowest

PERMISSIONS = "tests/reliability/test_permissions.py"
PLAYED = tuple(
    f"{PERMISSIONS}::test_playbook_succeeds_with_its_policy[{run}]"
    for run in (
        *("bootstrap: create", "bootstrap: update", "teardown: delete", "fleet: create", "fleet: update"),
        *("migrate: instances", "reader: bootstrap: check"),
    )
)
# In which each run of a playbook can be chosen.
WHOLE = {"RELIABILITY_SAMPLE": "1"}
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
TYPED = ("plugins", "embedded_aws", "tooling")
# What Galaxy's users get, beside the manifest: anything else in the archive is a gap in galaxy.yml's build_ignore.
SHIPPED = {
    *("CHANGELOG.rst", "CONTRIBUTING.md", "FILES.json", "LICENSE", "MANIFEST.json", "README.md", "changelogs", "docs"),
    *("examples", "meta", "playbooks", "plugins", "requirements.txt", "requirements.yml", "roles"),
}

# Python of ours that no user of the collection gets.
DEVELOPMENT = (
    *(
        "benchmarks",
        "embedded_aws",
        "tests/embedded_aws",
        "tests/modules",
        "tests/pages",
        "tests/playbooks",
        "tests/readme",
        "tests/reliability",
    ),
    "tooling",
)


def link(source: Path, copy: Path) -> None:
    copy.symlink_to(source)


def collection_copy(step: Step, *, dependency: Callable[[Path, Path], None] | None = link) -> Path:
    """A copy of the sources at .../ansible_collections/launchkit/aws: ansible-test refuses a link.

    It is a git repository of its own, because a tool that asks git would find nothing inside our ignored folder.
    `dependency` puts amazon.aws beside it, where ansible-test and antsibull-docs look for what it depends on.
    """
    collections = step.folder / "ansible_collections"
    root = collections / NAMESPACE / NAME
    for name in sources():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, root / name, follow_symlinks=False)
    step.run("git", "init", "--quiet", root)
    if dependency:
        (collections / "amazon").mkdir()
        dependency(site_packages() / "ansible_collections" / "amazon" / "aws", collections / "amazon" / "aws")
    return root


# ansible-test makes a virtual environment for each sanity test that needs something, and runs its pip. uv fills one in
# a fraction of pip's time, and the environment's own pip would have to be installed first.
PIP_BY_UV = """
import os, sys
os.environ.update({environment!r})
command, *arguments = sys.argv[1:]
os.execv({uv!r}, [{uv!r}, "pip", command, "--quiet", "--python", sys.executable, *arguments])
"""
# ansible-test runs this one to install pip itself.
GET_PIP = """
import pathlib, sysconfig
package = pathlib.Path(sysconfig.get_path("purelib"), "pip")
package.mkdir()
(package / "__init__.py").touch()
(package / "__main__.py").write_text({pip!r}, encoding="utf-8")
"""


def provide_get_pip() -> None:
    """ansible-test downloads a script that installs one version of pip; put one into its cache that has uv stand in for pip."""
    source = (site_packages() / "ansible_test" / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    match = re.search(r"pip='([\d.]+)'", source)
    if not match:
        raise Failed("ansible-test's python_requirements.py no longer names its pip version as pip='X.Y'")
    cached = HOME / ".ansible" / "test" / "cache" / f"get_pip_{match[1].replace('.', '_')}.py"
    cached.parent.mkdir(parents=True, exist_ok=True)
    # ansible-test passes on no environment.
    caller = registry_environment()
    settings = {
        name: value
        for name, value in uv_environment(caller, pip_settings(caller)).items()
        if name.startswith(("UV_", "SSL_")) or name.lower().endswith("_proxy")
    }
    pip = PIP_BY_UV.format(environment=settings, uv=str(VENV / "bin" / "uv"))
    # A registry's address may hold a password.
    cached.touch(mode=0o600)
    cached.write_text(GET_PIP.format(pip=pip), encoding="utf-8")


def units(step: Step) -> None:
    run_pytest(step, "tests/unit", "tests/modules", "tests/embedded_aws")


def lowest(step: Step) -> None:
    """The unit tests with few examples, and one playbook, on the lowest supported versions."""
    python = build_lowest(step.folder / "venv") / "bin" / "python"
    run_pytest(step, "tests/unit", "--hypothesis-profile=quick", PLAYED[0], python=python, environment=WHOLE)


def playbook_kinds(step: Step) -> None:
    """A playbook of each kind, with its policy."""
    run_pytest(step, *PLAYED, environment=WHOLE)


def playbooks(step: Step) -> None:
    run_pytest(step, "tests/playbooks")


def readme(step: Step) -> None:
    run_pytest(step, "tests/readme")


def pages(step: Step) -> None:
    run_pytest(step, "tests/pages")


def reliability(step: Step) -> None:
    try:
        # All of its cases take an hour or more on two free cores.
        run_pytest(step, "tests/reliability", seconds=6 * TIMEOUT_SECONDS)
    finally:
        # The table of cases stands before pytest's own summary.
        lines = step.log.read_text(encoding="utf-8").splitlines()
        begin = next((number for number, line in enumerate(lines) if line.startswith("reliability ")), len(lines))
        step.say("\n".join(["", *itertools.takewhile(lambda line: line[:1].isalpha(), lines[begin:])]))


def run_pytest(
    step: Step,
    *arguments: str,
    seconds: int = TIMEOUT_SECONDS,
    python: Path = PYTHON,
    environment: Mapping[str, str] = EMPTY,
) -> None:
    report = step.folder / "junit.xml"
    try:
        step.run(python, "-m", "pytest", *arguments, f"--junitxml={report}", seconds=seconds, environment=environment)
    finally:
        if report.exists():
            (suite,) = xml.etree.ElementTree.parse(report).getroot().iter("testsuite")
            failed = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
            step.count(int(suite.attrib["tests"]) - failed - int(suite.attrib["skipped"]), failed)


def lint(step: Step) -> None:
    step.run("ruff", "check", ".")
    step.run("ruff", "format", "--check", ".")
    step.run("yamllint", "--strict", ".")


def types(step: Step) -> None:
    # In a copy, so that a file has one module name: through site-packages it would have a second.
    root = collection_copy(step, dependency=None)
    config = ROOT / "pyproject.toml"
    step.run("mypy", "--config-file", config, (root / "plugins").relative_to(step.folder), cwd=step.folder)
    step.run(
        "mypy",
        "--config-file",
        config,
        "embedded_aws",
        "tooling",
        environment={"MYPYPATH": f"{ROOT}:{ROOT / 'tooling'}"},
    )


def sanity(step: Step) -> None:
    provide_get_pip()
    ignored = [name for name in sources() if name.startswith("tests/sanity/ignore")]
    if ignored:
        raise Failed(f"sanity findings are fixed, not ignored: remove {', '.join(ignored)}")
    # ruff and mypy look after what is not shipped; for it ansible-test would take as long again.
    root = collection_copy(step)
    for folder in DEVELOPMENT:
        shutil.rmtree(root / folder)
    step.run("ansible-test", "sanity", "--python", VERSION, "--color", "no", cwd=root)


def integration(step: Step) -> None:
    root = collection_copy(step)
    with embedded.serve(step.folder) as endpoint:
        defaults = embedded.module_defaults(endpoint)
        settings = {"aws_module_defaults": defaults, "ansible_remote_tmp": str(REMOTE_TMP)}
        # ansible-test passes on no environment; this is the file that it gives to every target.
        (root / "tests" / "integration" / "integration_config.yml").write_text(
            yaml.safe_dump(settings), encoding="utf-8"
        )
        step.run("ansible-test", "integration", "--local", "--python", VERSION, "--color", "no", cwd=root)


def molecule(step: Step) -> None:
    # A run that was stopped leaves a note that its scenario is prepared, in an account that is gone.
    for left in REMOTE_TMP.glob("molecule.*"):
        shutil.rmtree(left)
    with embedded.serve(step.folder) as endpoint:
        step.run("molecule", "test", "--all", "--no-command-borders", environment=embedded.environment(endpoint))
    # Molecule finds its shared configuration by the working folder, and without it succeeds on no host at all.
    if "no hosts matched" in step.log.read_text(encoding="utf-8"):
        raise Failed("molecule ran a playbook on no host")


def ansible_lint(step: Step) -> None:
    step.run("ansible-lint", cwd=collection_copy(step))


def docs(step: Step) -> None:
    def repository(source: Path, copy: Path) -> None:
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        step.run("git", "init", "--quiet", copy)

    # antsibull-docs copies a dependency by what git lists, and git lists nothing of an ignored folder.
    root = collection_copy(step, dependency=repository)
    found = {"ANSIBLE_COLLECTIONS_PATH": str(step.folder)}
    lint_options = ("--plugin-docs", "--check-extra-docs-refs", "--validate-collection-refs", "dependent")
    step.run("antsibull-docs", "lint-collection-docs", *lint_options, root, environment=found)
    source, site = step.folder / "source", step.folder / "site"
    source.mkdir()
    pages = (
        "--use-current",
        "--squash-hierarchy",
        "--fail-on-error",
        "--no-add-antsibull-docs-version",
    )
    step.run("antsibull-docs", "collection", *pages, "--dest-dir", source, f"{NAMESPACE}.{NAME}", environment=found)
    step.run("sphinx-build", "-q", "--fail-on-warning", "-j", "2", "-c", ROOT / "tooling" / "docs", source, site)
    step.say(f"documentation: {(site / 'index.html').relative_to(ROOT)}")


def changelog(step: Step) -> None:
    step.run("antsibull-changelog", "lint")


def package(step: Step) -> None:
    """Build the archive, look at what is in it, install it, use what was installed, and import it as Galaxy does."""
    step.run("ansible-galaxy", "collection", "build", "--output-path", step.folder)
    (archive,) = step.folder.glob("*.tar.gz")
    with tarfile.open(archive) as contents:
        unexpected = sorted({name.split("/")[0] for name in contents.getnames()} - SHIPPED)
    if unexpected:
        raise Failed(f"galaxy.yml lets these into the archive: {', '.join(unexpected)}")
    installed = step.folder / "installed"
    step.run(
        "ansible-galaxy", "collection", "install", "--offline", "--force", "--collections-path", installed, archive
    )
    used = {"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    for playbook in sorted((ROOT / "playbooks").glob("*.yml")):
        name = f"{NAMESPACE}.{NAME}.{playbook.stem}"
        step.run("ansible-playbook", "--syntax-check", name, cwd=step.folder, environment=used)
    # The step ansible_lint has linted it already.
    step.run(
        PYTHON,
        "-m",
        "galaxy_importer.main",
        archive,
        cwd=step.folder,
        environment={"GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "false"},
    )


# In the order in which they are started: the longest first.
STEPS: dict[str, Callable[[Step], None]] = {
    "units": units,
    "molecule": molecule,
    "integration": integration,
    "readme": readme,
    "playbooks": playbooks,
    "reliability": reliability,
    "sanity": sanity,
    "lowest": lowest,
    "docs": docs,
    "ansible_lint": ansible_lint,
    "package": package,
    "types": types,
    "pages": pages,
    "lint": lint,
    "changelog": changelog,
}
# Not of `make test`.
OTHER_STEPS: dict[str, Callable[[Step], None]] = {"playbook_kinds": playbook_kinds}
