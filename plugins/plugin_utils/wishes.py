# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What applications of several hosts ask of one IAM role or instance profile: it is the same in all Regions of an account.
Private to the collection: names and shapes can change in any release."""

from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils.application import model
from ..module_utils.application.options import PREFIX, with_derived
from ..module_utils.core.errors import InvalidOption
from ..module_utils.core.plan import in_words
from ..module_utils.iam import policy_document

# What is the role's alone, the profile's, and of both. What is not set is no wish, but for the trust policy.
ROLE = (
    *("role_path", "role_description", "role_max_session_duration", "permissions_boundary", "trust_policy"),
    *("managed_policies", "inline_policies", "tags"),
)
PROFILE = ("role_name", "instance_profile_path", "tags")
_PURGES = {"managed_policies": "purge_managed_policies", "inline_policies": "purge_inline_policies"}
_PURGES["tags"] = "purge_tags"
VARIABLES = tuple(PREFIX + name for name in dict.fromkeys((*ROLE, *PROFILE, *_PURGES.values(), "trust_principal")))
_SHOWN = 200


def contradictions(host, entries, others):
    """Return a sentence for each contradiction between the applications of a host and those of others.

    :param entries: the variables of its present applications.
    :param others: pairs of a host and the variables of a present application.
    """
    own: dict = {}
    for entry in entries:
        options = _options(entry)
        for kind, name in _names(options):
            own.setdefault((kind, name.casefold()), options)
    sentences = []
    for other, entry in others:
        options = _options(entry)
        for kind, name in _names(options):
            mine = own.get((kind, name.casefold()))
            for option, wanted, actual in _contradicting(kind, mine, options) if mine else ():
                noun = "IAM role" if kind == "role_name" else "instance profile"
                sentences.append(
                    f"{PREFIX}{option}: {noun} '{name}' has two values: {_cut(wanted)} for host {host}, and {_cut(actual)} "
                    f"for host {other}. It is the same in all Regions of the account. Give both hosts the same value."
                )
    return list(dict.fromkeys(sentences))


def _options(entry):
    options = {name[len(PREFIX) :]: value for name, value in entry.items() if isinstance(name, str)}
    return with_derived({name: value for name, value in options.items() if value is not None})


def _names(options):
    return [(kind, str(options[kind])) for kind in ("role_name", "instance_profile_name") if options.get(kind)]


def _contradicting(kind, options, others):
    """Yield variable, value and other value of what both ask for and can't both have."""
    for name in ROLE if kind == "role_name" else PROFILE:
        pair = [_comparable(name, each) for each in (options, others)]
        if None in pair or pair[0] == pair[1]:
            continue
        purges = any(boolean(each.get(_PURGES.get(name), True), strict=False) for each in (options, others))
        if isinstance(pair[0], set) and not purges:
            continue
        if isinstance(pair[0], dict):
            keys = set(pair[0]) | set(pair[1]) if purges else set(pair[0]) & set(pair[1])
            if not any(_differs(pair[0].get(key), pair[1].get(key)) for key in keys):
                continue
        yield name, *(each.get(name, "the default") for each in (options, others))


def _comparable(name, options):
    """Return a value in the form that it is compared in, or None if it is not set.

    :raises InvalidOption: a policy is none.
    """
    value = options.get(name)
    if name == "trust_policy":
        return {"": model.trust_policy({name: value, "trust_principal": options.get("trust_principal")}, "aws")}
    if value is None:
        return None
    if name == "managed_policies":
        listed = value.split(",") if isinstance(value, str) else value
        # A policy is given by its name, with its path, or by its ARN.
        return {str(each).strip().rpartition("/")[2] for each in listed}
    if name == "inline_policies":
        return {str(key): policy_document.parse(f"{PREFIX}{name}", policy) for key, policy in value.items()}
    if name == "tags":
        return {str(key): str(each) for key, each in value.items()}
    return str(value).casefold() if name == "role_name" else str(value)


def _differs(value, other):
    if isinstance(value, dict) and isinstance(other, dict):
        return policy_document.differs(value, other)
    return value != other


def contradict(host, entries, others):
    """Return the contradictions as one text, see :func:`contradictions`; empty where values are not what they should be."""
    try:
        return " ".join(contradictions(host, entries, others))
    except (InvalidOption, AttributeError, LookupError, TypeError, ValueError):
        # The module says what is wrong with them, on the host that has them.
        return ""


def _cut(value):
    text = in_words(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
