# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A list of applications: what is parsed from it, and all its mistakes at once."""

from __future__ import annotations

import base64
import copy
import json
import random

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application.options import DEFAULTS
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse
from hypothesis import given
from hypothesis import strategies as st

FINGERPRINT = "0123456789abcdef"
IMAGE = {"application_image_id": "ami-1", "application_instance_type": "t3.small"}
GROUP = {"application_group_name": "web", "application_group_min_size": 0, "application_group_max_size": 1}
TEMPLATE = {"application_launch_with": "launch_template"}


def named(name, **variables):
    return {"application_name": name, **{f"application_{key}": value for key, value in variables.items()}}


def mistakes(*entries, **more):
    """What is wrong, as pairs of application and message; as it comes from JSON, where no two texts are one object."""
    entries, more = json.loads(json.dumps([entries, more]))
    with pytest.raises(InvalidOption) as refused:
        parse.parse(entries, **more)
    listed = [(mistake["application"], mistake["message"]) for mistake in refused.value.details["mistakes"]]
    count = "one mistake" if len(listed) == 1 else f"{len(listed)} mistakes"
    # A single application needs no name in front of each sentence.
    sentences = (
        [*dict.fromkeys(message for dummy, message in listed)]
        if len(entries) == 1
        else [f"applications: {count}.", *(f"[{name}] {message}" for name, message in listed)]
    )
    assert refused.value.message == " ".join([*sentences, "No changes were made."])
    return listed


def test_parse_entry_without_variables_has_defaults():
    (found,) = parse.parse([named("web")])
    assert (found.name, found.present, found.launch, found.group_name) == ("web", True, None, "")
    assert (found.profile.name, found.profile.role.name, found.profile.path, found.profile.tags) == (
        "web",
        "web",
        None,
        None,
    )


def test_parse_defaults_apply_where_entry_sets_nothing():
    defaults = {"application_role_path": "/web/", "application_purge_tags": False, **IMAGE}
    one, two = parse.parse([named("one"), named("two", role_path="/ops/", image_id="ami-2")], defaults)
    assert [each.profile.path for each in (one, two)] == ["/web/", "/ops/"]
    assert [each.launch.settings.image_id for each in (one, two)] == ["ami-1", "ami-2"]
    assert not one.profile.purge_tags
    # Null is what a variable that is not set looks like in many a template.
    (three,) = parse.parse([named("three", role_path=None)], defaults)
    assert three.profile.path == "/web/"


def test_parse_null_is_a_value_of_some_variables():
    (found,) = parse.parse([{**named("web", launch_configuration_prune=None, assign_public_ip=None), **IMAGE}])
    assert found.launch.prune is None
    assert found.launch.settings.assign_public_ip is None
    (found,) = parse.parse([{**named("web"), **IMAGE}], {"application_launch_configuration_prune": None})
    assert found.launch.prune is None
    (found,) = parse.parse([{**named("web"), **IMAGE}])
    assert (found.launch.prune.keep, found.launch.settings.assign_public_ip) == (0, False)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_parse_state_overrides_that_of_each_entry(state):
    entries = [named("one", state="present"), named("two", state="absent"), named("three")]
    assert {each.options["state"] for each in parse.parse(entries, state=state)} == {state}
    assert [each.present for each in parse.parse(entries)] == [True, False, True]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"http_endpoint": "enabled", "http_tokens": "required"}),
        ({"http_endpoint": "disabled"}, {"http_endpoint": "disabled", "http_tokens": "required"}),
        ({"http_tokens": None}, {"http_endpoint": "enabled", "http_tokens": "required"}),
        ({"http_tokens": ""}, {"http_endpoint": "enabled"}),
        ({"http_tokens": "", "http_endpoint": ""}, {}),
        ("http_tokens=optional", {"http_endpoint": "enabled", "http_tokens": "optional"}),
        (None, None),
    ],
    ids=str,
)
def test_parse_metadata_options_left_out_have_defaults(given, expected):
    entry = {**named("web", metadata_options=given), **IMAGE}
    options = parse.parse([entry])[0].launch.settings.metadata_options
    assert (options and options.specified()) == expected


def test_parse_absent_application_needs_names_only():
    (found,) = parse.parse([named("web", state="absent", group_name="web", launch_template_name="own")])
    assert (found.group_name, found.launch) == ("web", None)


def taken(option, name, owner):
    return f"application_{option}: '{name}' is taken by the application '{owner}' as well. Names have to differ."


COLLISIONS = {
    "the same name": ([named("web"), named("web")], taken("name", "web", "web")),
    "one letter": ([named("a"), named("a")], taken("name", "a", "a")),
    "letter case": ([named("web"), named("Web")], taken("name", "Web", "web")),
    "role": ([named("web"), named("api", role_name="WEB")], taken("role_name", "WEB", "web")),
    "profile": (
        [named("web"), named("api", instance_profile_name="Web")],
        taken("instance_profile_name", "Web", "web"),
    ),
    "prefix": (
        [{**named("web"), **IMAGE}, {**named("api", launch_configuration_name_prefix="web-"), **IMAGE}],
        taken("launch_configuration_name_prefix", "web-", "web"),
    ),
    "prefix of one that launches from a template": (
        [{**named("web"), **IMAGE, **TEMPLATE}, {**named("api", launch_configuration_name_prefix="web-"), **IMAGE}],
        taken("launch_configuration_name_prefix", "web-", "web"),
    ),
    "prefix of one that shall not be there": (
        [named("web", state="absent"), {**named("api", launch_configuration_name_prefix="web-"), **IMAGE}],
        taken("launch_configuration_name_prefix", "web-", "web"),
    ),
    "fixed name": (
        [{**named(name, launch_configuration_name="fixed"), **IMAGE} for name in ("web", "api")],
        taken("launch_configuration_name", "fixed", "web"),
    ),
    "template": (
        [{**named("web"), **IMAGE, **TEMPLATE}, {**named("api", launch_template_name="web"), **IMAGE, **TEMPLATE}],
        taken("launch_template_name", "web", "web"),
    ),
    "group": (
        [{**named("web"), **IMAGE, **GROUP}, {**named("api"), **IMAGE, **GROUP}],
        taken("group_name", "web", "web"),
    ),
    "fixed name within a prefix": (
        [{**named("web"), **IMAGE}, {**named("api", launch_configuration_name=f"web-{FINGERPRINT}"), **IMAGE}],
        f"application_launch_configuration_name: 'web-{FINGERPRINT}' looks like one that the application 'web' creates by its prefix, "
        "and would be pruned with these. Choose another name.",
    ),
}


@pytest.mark.parametrize(("entries", "message"), COLLISIONS.values(), ids=COLLISIONS)
def test_parse_names_that_collide_are_refused(entries, message):
    assert mistakes(*entries) == [(entries[1]["application_name"], message)]


@pytest.mark.parametrize(
    "entries",
    [
        [named("web"), named("web-2"), named("we")],
        # Auto Scaling and EC2 tell letter case apart, and IAM's names are others.
        [{**named("web"), **IMAGE, **GROUP}, {**named("api"), **IMAGE, **GROUP, "application_group_name": "Web"}],
        [{**named("web"), **IMAGE}, {**named("web-api"), **IMAGE}],
        [{**named("web", launch_configuration_name=f"web-{FINGERPRINT}"), **IMAGE}, named("api")],
        [{**named("web"), **IMAGE}, {**named("api", launch_configuration_name="web-fixed"), **IMAGE}],
        # What launches nothing has no such names.
        [{**named("web"), **IMAGE}, named("api", launch_configuration_name_prefix="web-", launch_template_name="web")],
    ],
)
def test_parse_names_that_differ_are_accepted(entries):
    assert len(parse.parse(entries)) == len(entries)


UNKNOWN = {
    "application_imag_id": "Did you mean application_image_id?",
    "image_id": "Did you mean application_image_id?",
    "imageid": "Did you mean application_image_id?",
    "tags": "Did you mean application_tags?",
    "application_managed_policy": "Did you mean application_managed_policies?",
    "group_min": "Did you mean application_group_min_size?",
    "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq": "The variables of the role application are possible.",
}


@pytest.mark.parametrize(("key", "hint"), UNKNOWN.items())
def test_parse_unknown_variable_suggests_the_nearest(key, hint):
    sentence = f"{key}: no such variable exists. {hint}"
    assert mistakes({**named("web"), key: "value"}) == [("web", sentence)]
    assert mistakes(named("web"), defaults={key: "value"}) == [("defaults", sentence)]


WRONG = {
    "number": (named("web", group_min_size="many"), ["application_group_min_size", "many"]),
    "choice": (named("web", state="gone"), ["application_state", "present, absent"]),
    "dictionary": (named("web", tags="Owner"), ["application_tags"]),
    "list": (named("web", managed_policies={"a": 1}), ["application_managed_policies"]),
    "suboption": (named("web", volumes=[{"device_name": "/dev/sda1", "size": 8}]), ["application_volumes", "size"]),
    "suboption missing": (named("web", volumes=[{"volume_size": 8}]), ["application_volumes", "device_name"]),
    "metadata": (named("web", metadata_options={"http_tokens": "maybe"}), ["http_tokens", "optional, required"]),
    "path": (named("web", role_path="web"), ["application_role_path"]),
    "profile path": (named("web", instance_profile_path="web/"), ["application_instance_profile_path"]),
    "session": (named("web", role_max_session_duration=60), ["application_role_max_session_duration", "3600"]),
    "policy": (named("web", managed_policies=["a b"]), ["application_managed_policies"]),
    "boundary": (named("web", permissions_boundary="a b"), ["application_permissions_boundary"]),
    "inline": (named("web", inline_policies={"one": "{"}), ["application_inline_policies['one']", "JSON"]),
    "inline name": (named("web", inline_policies={"a b": {}}), ["application_inline_policies"]),
    "trust": (named("web", trust_policy="[]"), ["application_trust_policy"]),
    "tag": (named("web", tags={"aws:x": "1"}), ["application_tags"]),
    "prune": ({**named("web", launch_configuration_prune={"keep": -1}), **IMAGE}, ["launch_configuration_prune.keep"]),
    "prefix": ({**named("web", launch_configuration_name_prefix="a" * 250), **IMAGE}, ["name_prefix"]),
    "template name": ({**named("web", launch_template_name="a b"), **IMAGE, **TEMPLATE}, ["launch_template_name"]),
    "spot price": ({**named("web", spot_price=0.0001), **IMAGE}, ["application_spot_price"]),
}


@pytest.mark.parametrize(("entry", "parts"), WRONG.values(), ids=WRONG)
def test_parse_value_of_wrong_form_is_refused(entry, parts):
    ((application, message),) = mistakes(entry)
    assert application == "web"
    assert all(part in message for part in parts), message


@pytest.mark.parametrize(
    ("entry", "label"),
    [
        ({}, "entry 2"),
        ({"application_name": None}, "entry 2"),
        ({"application_name": ""}, "entry 2"),
        ("web", "entry 2"),
        (None, "entry 2"),
        ([named("web")], "entry 2"),
    ],
)
def test_parse_entry_without_name_is_named_by_number(entry, label):
    found = mistakes(named("web"), entry)
    assert {application for application, dummy in found} == {label}


def test_parse_name_in_defaults_is_refused():
    ((label, message),) = mistakes(named("web"), defaults={"application_name": "all"})
    assert (label, message) == (
        "defaults",
        "application_name: each application has its own. Remove it from the defaults.",
    )


def test_parse_mistakes_of_all_entries_are_reported_at_once():
    found = mistakes(
        named("one", imag_id="ami-1"),
        {**named("two", role_path="x"), "tags": {}},
        named("three"),
        named("THREE"),
        named(
            "four",
            group_name="g",
            group_min_size=1,
            trust_policy={"Statement": []},
            trust_principal="ec2.amazonaws.com",
        ),
        # What is wrong with these does not hide that their names are taken.
        named("Two", unknown=1),
        named("ONE", group_min_size="x"),
        defaults={"group": 1},
    )
    of_each = ["defaults", "one", "two", "two", *["four"] * 4, "Two", "ONE", "THREE", "Two", "ONE"]
    assert [application for application, dummy in found] == of_each


SECRET = "hunter2-the-secret"
ENCODED = base64.b64encode(SECRET.encode()).decode()
HELD = st.sampled_from(
    [
        {"application_user_data": SECRET},
        {"application_user_data": {"password": SECRET}},
        {"application_user_data": [SECRET]},
        {"application_user_data_base64": ENCODED},
        {"application_user_data_base64": SECRET},
        {"application_user_data_base64": [ENCODED]},
        {"application_user_data": SECRET, "application_user_data_base64": ENCODED},
        {"application_user_data": SECRET * 1000},
        {"application_user_dat": SECRET},
    ]
)
# One mistake of each kind or none, beside user data.
BESIDE = st.fixed_dictionaries(
    {},
    optional={
        "application_image_id": st.sampled_from(["", "ami-1"]),
        "application_instance_type": st.just("t3.small"),
        "application_state": st.sampled_from(["present", "absent", "gone"]),
        "application_group_min_size": st.sampled_from([1, "x"]),
        "application_group_name": st.just("web"),
        "application_volumes": st.sampled_from([[], ["x"], [{"x": 1}]]),
        "application_role_path": st.sampled_from(["/a/", "a"]),
        "application_launch_with": st.sampled_from(["launch_configuration", "launch_template"]),
        "unknown": st.just(1),
    },
)
NAMES = st.sampled_from(["web", "Web", "api", "a b"])
ENTRIES = st.lists(
    st.builds(lambda name, held, beside: {"application_name": name, **held, **beside}, NAMES, HELD, BESIDE), max_size=3
)


@given(ENTRIES, HELD | st.just({}))
def test_parse_user_data_is_not_shown_and_input_stays(entries, defaults):
    before = copy.deepcopy((entries, defaults))
    try:
        shown = repr(parse.parse(entries, defaults))
    except InvalidOption as refused:
        shown = refused.message + json.dumps(refused.details) + repr(refused)
    assert SECRET not in shown
    assert ENCODED not in shown
    assert (entries, defaults) == before
    # Validating has left nothing in the table either.
    assert DEFAULTS["application_metadata_options"] == {"http_endpoint": "enabled", "http_tokens": "required"}


@given(st.lists(BESIDE, max_size=4), st.randoms(use_true_random=False))
def test_parse_order_of_entries_does_not_change_results(variables, shuffle: random.Random):
    entries = [{**each, "application_name": f"web-{number}"} for number, each in enumerate(variables)]
    for each in entries:
        each.pop("application_group_name", None)
    mixed = list(entries)
    shuffle.shuffle(mixed)

    def outcome(given):
        try:
            return sorted((each.name, repr(sorted(each.options.items()))) for each in parse.parse(given))
        except InvalidOption as refused:
            return sorted((each["application"], each["message"]) for each in refused.details["mistakes"])

    assert outcome(entries) == outcome(mixed)
