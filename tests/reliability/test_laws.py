# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Laws that hold for any settings, and whatever others did to the account."""

from __future__ import annotations

import base64
import json
import random

from ansible_collections.launchkit.aws.plugins.modules import fleet
from ansible_collections.launchkit.aws.tests.embedded_aws.descriptions import descriptions
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import with_group
from ansible_collections.launchkit.aws.tests.reliability import table
from ansible_collections.launchkit.aws.tests.reliability.drift import DRIFTS, Drift
from ansible_collections.launchkit.aws.tests.reliability.scenarios import POLICY
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

# A run of make test-reliability tries this many examples.
EXAMPLES = 120
# What a run adds to the plan, and what only a plan has.
OF_A_RUN = {"calls", "changed", "error", "failed", "not_begun"}
FEW = settings(
    max_examples=max(1, EXAMPLES // table.SAMPLE),
    # An example is a dozen runs, so a failing one is shown as it was found.
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def built(laboratory):
    """Build what the descriptions refer to, and return the ids of VPC and security groups."""
    laboratory.without_faults()
    laboratory.aws.reset()
    ec2 = laboratory.aws.client("ec2")
    ec2.create_key_pair(KeyName="operations")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    groups = {
        name: ec2.create_security_group(GroupName=name, Description="For tests", VpcId=vpc["VpcId"])["GroupId"]
        for name in ("one", "two")
    }
    return vpc["VpcId"], groups


def apply(laboratory, *applications, **options):
    """Return the result of the module fleet."""
    return laboratory.run(fleet, applications=json.dumps(applications), **options)


def planned(result):
    """Return the rows of a result without what a run adds to them."""
    return [{key: value for key, value in row.items() if key not in OF_A_RUN} for row in result["applications"]]


def disproved(laboratory, application):
    """Return what is wrong with the prediction of check mode, with the run, and with the run after it."""
    foreseen = apply(laboratory, application, check_mode=True)
    laboratory.aws.reset_calls()
    result = apply(laboratory, application)
    if result.get("failed"):
        return [] if foreseen.get("failed") else [f"check mode did not foresee: {result['msg']}"]
    problems = []
    if foreseen.get("failed"):
        problems.append(f"check mode foresaw a failure: {foreseen['msg']}")
    if foreseen["changed"] != result["changed"]:
        problems.append(f"check mode says changed: {foreseen['changed']}, the run {result['changed']}")
    if planned(foreseen) != planned(result):
        problems.append(f"the plan of check mode is another: {planned(foreseen)}, {planned(result)}")
    if result["changed"] != bool(laboratory.writes()):
        problems.append(f"says changed: {result['changed']}, and calls {laboratory.writes()}")
    laboratory.aws.reset_calls()
    for check_mode in (True, False):
        again = apply(laboratory, application, check_mode=check_mode)
        if again.get("failed") or again["changed"]:
            problems.append(f"not unchanged again (check mode {check_mode}): {again.get('plan')}")
    if laboratory.writes():
        problems.append(f"the unchanged runs call {laboratory.writes()}")
    return problems


@FEW
@given(descriptions(2), st.lists(st.sampled_from(DRIFTS), min_size=1, max_size=4, unique=True))
def test_drift_converges_as_check_mode_predicts(laboratory, pair, drifts):
    vpc, dummy = built(laboratory)
    created, changed = ({**each, "application_vpc_id": vpc} for each in pair)
    problems = disproved(laboratory, created)
    profile = created.get("application_instance_profile_name", "web")
    for name in drifts:
        Drift(laboratory.aws, profile).happen(name)
    problems += [f"after {', '.join(drifts)}: {each}" for each in disproved(laboratory, changed)]
    table.count("laws", "settings and drift", "converges as predicted", problems)
    assert not problems, "\n".join([*problems, repr(pair)])


def rewritten(application, groups, chance):
    """Return the same application, written differently: order, names or ids or ARNs, text or base64, types or text."""
    found = dict(application)
    if isinstance(policies := found.get("application_managed_policies"), list):
        arns = [each if each.startswith("arn:") else f"arn:aws:iam::aws:policy/{each}" for each in policies]
        found["application_managed_policies"] = chance.sample(arns, len(arns))
    if names := found.get("application_security_groups"):
        ids = [chance.choice([name, groups[name]]) for name in names]
        if len({each.startswith("sg-") for each in ids}) == 2:
            ids = [groups[name] for name in names]
        found["application_security_groups"] = chance.sample(ids, len(ids))
    if volumes := found.get("application_volumes"):
        found["application_volumes"] = chance.sample(volumes, len(volumes))
    if text := found.get("application_user_data"):
        del found["application_user_data"]
        found["application_user_data_base64"] = base64.b64encode(text.encode()).decode()
    for name, value in found.items():
        if isinstance(value, dict):
            found[name] = dict(reversed(value.items()))
        elif isinstance(value, (bool, int)) and chance.random() < 0.5:
            found[name] = str(value)
    return dict(chance.sample(list(found.items()), len(found)))


@FEW
@given(descriptions(1), st.integers(0, 2**32))
def test_order_and_form_of_names_never_matter(laboratory, alone, seed):
    vpc, groups = built(laboratory)
    (application,) = ({**each, "application_vpc_id": vpc} for each in alone)
    others = [with_group(name, inline_policies={"queue": POLICY}) for name in ("shop", "ui")]
    created = apply(laboratory, application, *others)
    assert not created.get("failed"), created["msg"]
    chance = random.Random(seed)
    written = rewritten(application, groups, chance)
    entries = [written, *others]
    chance.shuffle(entries)
    again = apply(laboratory, *entries)
    problems = [f"changed: {again.get('plan')} {again.get('msg')}"] if again.get("failed") or again["changed"] else []
    table.count("laws", "order and form", "unchanged", problems)
    assert not problems, "\n".join([*problems, repr(application), repr(written)])
