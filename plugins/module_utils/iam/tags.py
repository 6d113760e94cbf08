# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tags: how they change, and the calls that change those of IAM roles and instance profiles. Pure.
Private to the collection: names and shapes can change in any release."""

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list, compare_aws_tags

from ..core.plan import Call, Difference, in_words

_NAME_ARGUMENTS = {"role": "RoleName", "instance_profile": "InstanceProfileName"}


def plan(kind, name, subject, current, wanted, purge):
    """Return the calls that change the tags. Each has the undo that restores the tags as they were.

    :param kind: ``role`` or ``instance_profile``.
    :param current: key -> value.
    :param wanted: key -> value, or None to leave the tags as they are.
    """
    if wanted is None:
        return ()

    def call(operation, undo=None, **arguments):
        return Call("iam", f"{operation}_{kind}", subject, {_NAME_ARGUMENTS[kind]: name, **arguments}, undo=undo)

    def tag(tags, undo=None):
        return call("tag", undo, Tags=ansible_dict_to_boto3_tag_list(tags))

    # Keys of roles, unlike others, are unique without regard to letter case:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    fold = str.casefold if kind == "role" else str
    added, removed = compare_aws_tags(current, wanted, purge)
    kept = {key: value for key, value in current.items() if key not in removed}
    replaced = {key: value for key, value in added.items() if fold(key) in map(fold, kept)}
    new = {key: value for key, value in added.items() if key not in replaced}
    calls = []
    if removed:
        calls.append(call("untag", tag({key: current[key] for key in removed}), TagKeys=removed))
    if replaced:
        previous = {key: value for key, value in kept.items() if fold(key) in map(fold, replaced)}
        calls.append(tag(replaced, tag(previous)))
    if new:
        calls.append(tag(new, call("untag", TagKeys=list(new))))
    return tuple(calls)


def change(current, wanted, purge):
    """Return the tags after a change to the wanted ones, which are None to leave the tags as they are."""
    if wanted is None:
        return current
    added, removed = compare_aws_tags(current, wanted, purge)
    return {**{key: value for key, value in current.items() if key not in removed}, **added}


def differences(before, after):
    """Return what differs between two sets of tags, one difference for each tag."""
    return tuple(
        Difference(f"tags[{key}]", in_words(after.get(key)), in_words(before.get(key)))
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    )
