# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The report of an account and Region, as the module returns it and the role's templates show it. Pure.
Private to the collection: names and shapes can change in any release."""

from collections import Counter
from fnmatch import fnmatchcase

from ..autoscaling import group as autoscaling_group
from ..iam import policy_document
from ..iam import role as iam_role
from . import chain, launching, permissions
from .account import CONFIGURATION, Application, Chains
from .catalogue import CATALOGUE, SEVERITIES, Finding

# Tag of a group or role -> who manages it.
_MANAGERS = {
    "launchkit:application": "launchkit.aws",
    "aws:cloudformation:stack-name": "CloudFormation stack {}",
    "elasticbeanstalk:environment-name": "Elastic Beanstalk environment {}",
}


def build(account, options, plans=(), orphans=(), lint=None):
    """Return the report.

    :param options: ``thresholds``, ``known_accounts``, ``actions``, ``owner_tags`` and ``accepted_findings`` of the module.
    :param plans: the plans of the applications of a fleet file, as results show them, each with its ``group`` and ``role``.
    :param orphans: as :func:`~orphans.find` returns them.
    :param lint: see :func:`~permissions.findings`.
    """
    chains, observation = Chains(account), account.observation
    rows = chains.applications()
    planned = _planned(rows, plans)
    orphaned = {
        name.casefold(): orphan for orphan in orphans for name in (orphan["name"], *orphan["instance_profiles"])
    }
    accepted: set = set()
    described = []
    for position, row in enumerate(rows):
        names = {role["RoleName"].casefold() for role in row.roles} | {name.casefold() for name in row.profiles}
        orphan = next((orphaned[name] for name in sorted(names) if name in orphaned), None)
        owner = _owner(row, options["owner_tags"])
        found = list(_findings(row, account, options, chains.numbers, planned.get(position, ()), orphan, owner, lint))
        described.append(_describe(row, account, options, found, chains.numbers, owner, accepted))
    return dict(
        account=observation.account,
        partition=observation.partition,
        region=observation.region,
        created=observation.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        applications=described,
        catalogue=CATALOGUE,
        not_read=list(account.denied),
        orphans=[orphan["summary"] for orphan in orphans],
        unused_acceptances=[
            f"{each['finding']} of {each['application']}: {each['reason']}"
            for position, each in enumerate(options["accepted_findings"])
            if position not in accepted
        ],
    )


def _planned(rows, plans):
    """Return the plans by the position of their row, and add a row for each application that does not exist."""
    by_group = {row.name: position for position, row in enumerate(rows) if row.group is not None}
    by_role: dict = {}
    for position, row in enumerate(rows):
        for role in row.roles:
            by_role.setdefault(role["RoleName"].casefold(), position)
    found: dict = {}
    for plan in plans:
        position = by_group.get(plan["group"], by_role.get(plan["role"].casefold(), len(rows)))
        if position == len(rows):
            rows.append(Application(plan["name"]))
        found.setdefault(position, []).append(plan)
    return found


def _findings(row, account, options, numbers, planned, orphan, owner, lint):
    yield from chain.findings(row, account)
    yield from launching.findings(row, account, options["thresholds"], numbers)
    for role in row.roles:
        yield from permissions.findings(role, account, options, lint)
    for plan in planned:
        if not plan["unchanged"]:
            yield Finding("drift", plan["summary"], "ansible-playbook launchkit.aws.fleet -e @fleet.yml --check")
    if orphan is not None:
        yield Finding("orphan", orphan["summary"], "fleet_prune_orphans: true, first with --check")
    if options["owner_tags"] and not owner and (row.group is not None or row.roles):
        tags = "application_group_tags" if row.group is not None else "application_tags"
        yield Finding(
            "owner_missing",
            f"None of the tags {', '.join(options['owner_tags'])}.",
            f"{tags}: {{{options['owner_tags'][0]}: name}}",
        )


def _describe(row, account, options, found, numbers, owner, accepted):
    findings = [
        _render(each, row.name, options["accepted_findings"], accepted)
        for each in sorted(found, key=lambda each: each.rank)
    ]
    open_findings = [each for each in findings if "accepted" not in each]
    names = [each["name"] for each in open_findings]
    ids = set(launching.outdated(row, numbers))
    return dict(
        name=row.name,
        kind="group"
        if row.group is not None
        else "profile"
        if row.profiles
        else "role"
        if row.roles
        else "launch_settings"
        if row.launches
        else "declared",
        is_regional=row.is_regional,
        profiles=list(row.profiles),
        severity=open_findings[0]["severity"] if open_findings else "",
        owner=owner,
        managed_by=_manager(row),
        chain=chain.links(row, account, names),
        is_broken=bool(set(chain.BREAKING) & set(names)),
        findings=findings,
        group=_group(row),
        launch=[_launch(each, account) for each in row.launches],
        instances=_instances(row, ids),
        roles=[_role(each, account, options["actions"]) for each in row.roles],
    )


def _render(finding, application, acceptances, accepted):
    rendered = dict(
        name=finding.name, severity=SEVERITIES[finding.rank], detail=_sentence(finding.detail), fix=finding.fix
    )
    for position, each in enumerate(acceptances):
        if each["finding"] == finding.name and fnmatchcase(application, each["application"]):
            accepted.add(position)
            rendered.setdefault("accepted", each["reason"])
    return rendered


def _sentence(text):
    return text[:1].upper() + text[1:] if text.startswith("launch ") else text


def _tags(row):
    group = {key: pair[0] for key, pair in autoscaling_group.tags_of(row.group or {}).items()}
    tags: dict = {}
    for role in reversed(row.roles):
        tags.update(iam_role.tags(role))
    return {**tags, **group}


def _owner(row, names):
    tags = {key.casefold(): value for key, value in _tags(row).items()}
    return next((tags[name.casefold()] for name in names if tags.get(name.casefold())), "")


def _manager(row):
    tags = _tags(row)
    for key, words in _MANAGERS.items():
        if key in tags:
            return words.format(tags[key])
    return "Terraform" if "terraform" in " ".join(f"{key} {value}" for key, value in tags.items()).casefold() else ""


def _group(row):
    group = row.group
    if group is None:
        return None
    return dict(
        name=group["AutoScalingGroupName"],
        min_size=group.get("MinSize"),
        max_size=group.get("MaxSize"),
        desired_capacity=group.get("DesiredCapacity"),
        availability_zones=sorted(group.get("AvailabilityZones") or ()),
        health_check_type=group.get("HealthCheckType") or "EC2",
        target_groups=len(group.get("TargetGroupARNs") or group.get("TrafficSources") or ())
        + len(group.get("LoadBalancerNames") or ()),
    )


def _launch(launch, account):
    settings, image = launch.settings, launching.image_of(launch, account) or {}
    if settings is None:
        return dict(kind=launch.kind, name=launch.name, version=launch.version, exists=False)
    metadata = settings.metadata_options.specified() if settings.metadata_options else {}
    return dict(
        kind=launch.kind,
        name=launch.name,
        version=launch.version,
        exists=True,
        image_id=settings.image_id or "",
        image_name=image.get("Name") or "",
        image_created=(image.get("CreationDate") or "")[:10],
        image_deprecated=(image.get("DeprecationTime") or "")[:10],
        instance_type=settings.instance_type or "",
        http_tokens=metadata.get("http_tokens") or "",
        hop_limit=metadata.get("http_put_response_hop_limit"),
        public_address={None: "decided by the subnet", True: "yes", False: "no"}[settings.assign_public_ip],
    )


def _instances(row, outdated):
    """Return how many instances there are, how many are outdated, and from what they were launched."""
    if row.group is None:
        return dict(total=len(row.instances), outdated=0, sources=[])
    members = row.group.get("Instances") or ()
    sources = Counter((_source(each), each["InstanceId"] in outdated) for each in members)
    listed = [
        dict(source=source, count=count, outdated=is_outdated)
        for (source, is_outdated), count in sorted(sources.items())
    ]
    return dict(total=len(members), outdated=len(outdated), sources=listed)


def _source(instance):
    template = instance.get("LaunchTemplate")
    if template:
        return f"launch template {template.get('LaunchTemplateName') or template.get('LaunchTemplateId')} version {template.get('Version')}"
    name = instance.get("LaunchConfigurationName")
    return f"{CONFIGURATION.replace('_', ' ')} {name}" if name else "launch settings that were deleted"


def _role(role, account, actions):
    used = (role.get("RoleLastUsed") or {}).get("LastUsedDate")
    return dict(
        name=role["RoleName"],
        arn=role["Arn"],
        created=role["CreateDate"].strftime("%Y-%m-%d"),
        last_used=used.strftime("%Y-%m-%d") if used else "",
        permissions_boundary=iam_role.boundary(role) or "",
        managed_policies=sorted(iam_role.attached_policies(role)),
        inline_policies=sorted(iam_role.inline_policies(role)),
        trusts=policy_document.principals(role["AssumeRolePolicyDocument"]),
        actions=permissions.decisions(role, account, actions),
    )
