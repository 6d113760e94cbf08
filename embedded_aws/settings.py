# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the embedded AWS can be told to do. Set on the command line and over HTTP; reset puts the start values back."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Values:
    """All switches, with their types, units and defaults. Each field's ``help`` is its documentation."""

    seed: int = field(default=0, metadata={"help": "Seed of everything that is decided by chance."})
    new_account: bool = field(
        default=False,
        metadata={"help": "Refuse launch configurations, as AWS does for accounts made since 2024-10-01."},
    )
    profile_delay: float = field(
        default=0.0,
        metadata={"help": "Seconds after creation in which Auto Scaling and EC2 call a new instance profile invalid."},
    )
    refuse_empty_profiles: bool = field(
        default=False,
        metadata={"help": "Refuse launch configurations whose profile holds no role (unverified on AWS)."},
    )
    iam_delay: float = field(
        default=0.0,
        metadata={"help": "Seconds after creation in which reads of a new role or profile may say NoSuchEntity."},
    )
    iam_miss_rate: float = field(
        default=0.5,
        metadata={
            "help": "Share of the reads within iam_delay that say NoSuchEntity, and of the lists that lack it (0 to 1)."
        },
    )
    iam_list_delay: float = field(
        default=0.0,
        metadata={
            "help": "Seconds after creation in which lists may leave a new role or profile out; at least iam_delay."
        },
    )
    latency: float = field(default=0.0, metadata={"help": "Seconds added to every call."})
    authorization: bool = field(
        default=False, metadata={"help": "Check keys, signatures and identity policies, as AWS does."}
    )
    root_access_key: str = field(
        default="fake-root-key", metadata={"help": "Access key that may do everything while authorization is on."}
    )
    launch_configuration_quota: int = field(default=200, metadata={"help": "Launch configurations per Region."})
    instance_profile_quota: int = field(default=1000, metadata={"help": "Instance profiles in the account."})
    page_size: int = field(
        default=0,
        metadata={"help": "Most items in a page of a list, even if the request allows more; 0 is what it allows."},
    )
    pending_seconds: float = field(
        default=0.0, metadata={"help": "Seconds for which a new instance of a group is Pending before it is InService."}
    )
    refresh_wait_seconds: float = field(
        default=3600.0,
        metadata={
            "help": "Seconds for which a refresh waits for instances that are protected from scale in or in Standby."
        },
    )
    refresh_step_seconds: float = field(
        default=0.2, metadata={"help": "Seconds that one step of an instance refresh takes."}
    )
    refresh_fails: bool = field(
        default=False, metadata={"help": "Replacement instances of an instance refresh never become healthy."}
    )
    disabled_rules: list[str] = field(
        default_factory=list,
        metadata={"help": "Names of rules that are switched off; * is all of them. For the tests of the rules."},
    )


class Settings(Values):
    """The current values, and the start values that a reset goes back to."""

    def __init__(self) -> None:
        super().__init__()
        self._start: dict[str, Any] = {}

    def is_disabled(self, rule: str) -> bool:
        return bool(self.disabled_rules) and (rule in self.disabled_rules or "*" in self.disabled_rules)

    def most_of_a_page(self, asked: int) -> int:
        """How many items a page holds when the request allows ``asked``."""
        return min(asked, self.page_size) if self.page_size else asked

    def as_dict(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in dataclasses.fields(Values)}

    def change(self, changes: dict[str, Any]) -> None:
        """Set some values. Raises ValueError on an unknown name or a wrong type, and then changes nothing."""
        defaults = {item.name: getattr(Values(), item.name) for item in dataclasses.fields(Values)}
        clean = {}
        for name, value in changes.items():
            if name not in defaults:
                raise ValueError(f"no setting is named {name}; there are: {', '.join(sorted(defaults))}")
            wanted = type(defaults[name])
            if wanted is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)
            # True is an int to isinstance.
            if not isinstance(value, wanted) or isinstance(value, bool) != (wanted is bool):
                raise ValueError(f"the setting {name} takes {wanted.__name__}, not {value!r}")
            clean[name] = value
        for name, value in clean.items():
            setattr(self, name, value)

    def start_with(self, values: dict[str, Any]) -> None:
        self._start = dict(values)
        self.reset()

    def reset(self) -> None:
        for item in dataclasses.fields(Values):
            setattr(self, item.name, getattr(Values(), item.name))
        self.change(self._start)


SETTINGS = Settings()
