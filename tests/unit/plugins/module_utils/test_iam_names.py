# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption, MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.iam import names as iam_names
from ansible_collections.launchkit.aws.plugins.module_utils.iam.names import RoleReference

ROLE = {
    "RoleName": "web",
    "Path": "/ops/",
    "Arn": "arn:aws:iam::123456789012:role/ops/web",
    "RoleId": "AROAWEBAAAAAAAAAAAAAA",
}


@pytest.mark.parametrize(
    "name", ["w", "web", "Web_1+2=3,4.5@6-7", "w" * 128], ids=["one", "word", "all characters", "longest"]
)
def test_names_that_iam_takes(name):
    assert iam_names.check_name("name", name, iam_names.PROFILE_NAME_LENGTH) == name


@pytest.mark.parametrize(
    ("name", "longest", "message"),
    [
        pytest.param("", 128, "name: '' has 0 characters; IAM takes 1 to 128.", id="empty"),
        pytest.param(
            "w" * 129, 128, f"name: '{'w' * 129}' has 129 characters; IAM takes 1 to 128.", id="too long for a profile"
        ),
        pytest.param(
            "w" * 65, 64, f"name: '{'w' * 65}' has 65 characters; IAM takes 1 to 64.", id="too long for a role"
        ),
        pytest.param(
            "my web", 128, "name: 'my web' has characters that IAM refuses. Use letters, digits and _", id="blank"
        ),
        pytest.param("web/", 128, "name: 'web/' has characters that IAM refuses", id="slash"),
        pytest.param("wéb", 128, "name: 'wéb' has characters that IAM refuses", id="accent"),
        pytest.param("web\n", 128, "name: 'web\n' has characters that IAM refuses", id="line end"),
        pytest.param("web:1", 128, "name: 'web:1' has characters that IAM refuses", id="colon"),
    ],
)
def test_names_that_iam_refuses(name, longest, message):
    with pytest.raises(InvalidOption) as raised:
        iam_names.check_name("name", name, longest)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    "path", ["/", "/a/", "/a/b-c/d_e/", "/" + "p" * 510 + "/"], ids=["root", "one", "several", "longest"]
)
def test_paths_that_iam_takes(path):
    assert iam_names.check_path("path", path) == path


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "path: '' must begin and end with a slash, for example '/applications/'."),
        ("ops", "path: 'ops' must begin and end with a slash, for example '/ops/'."),
        ("/ops", "path: '/ops' must begin and end with a slash, for example '/ops/'."),
        ("ops/", "path: 'ops/' must begin and end with a slash, for example '/ops/'."),
        ("//", "path: '//' has characters that IAM refuses. Remove blanks,"),
        (
            "/a//b/",
            "path: '/a//b/' has characters that IAM refuses. Remove blanks, control characters, non-ASCII letters and empty parts.",
        ),
        ("/a b/", "path: '/a b/' has characters that IAM refuses"),
        ("/é/", "path: '/é/' has characters that IAM refuses"),
        ("/a\n/", "path: '/a\n/' has characters that IAM refuses"),
        ("/" + "p" * 511 + "/", "path: the path has 513 characters; IAM takes at most 512."),
    ],
    ids=[
        "empty",
        "bare",
        "no end",
        "no beginning",
        "two slashes",
        "empty part",
        "blank",
        "accent",
        "line end",
        "too long",
    ],
)
def test_paths_that_iam_refuses(path, message):
    with pytest.raises(InvalidOption) as raised:
        iam_names.check_path("path", path)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize("prefix", ["/", "/app", "/app/", "/app/w"])
def test_path_prefixes_may_end_anywhere(prefix):
    assert iam_names.check_path_prefix("path_prefix", prefix) == prefix


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("app", "path_prefix: 'app' must begin with a slash, for example '/app'."),
        ("/a b", "path_prefix: '/a b/' has characters that IAM refuses"),
    ],
)
def test_path_prefixes_that_iam_refuses(prefix, message):
    with pytest.raises(InvalidOption) as raised:
        iam_names.check_path_prefix("path_prefix", prefix)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        pytest.param("web", RoleReference("web"), id="name"),
        pytest.param("/web", RoleReference("web", "/"), id="root path"),
        pytest.param("/ops/web", RoleReference("web", "/ops/"), id="path"),
        pytest.param("ops/a/web", RoleReference("web", "/ops/a/"), id="path without its first slash"),
        pytest.param("arn:aws:iam::123456789012:role/web", RoleReference("web", "/", "123456789012", "aws"), id="ARN"),
        pytest.param(
            "arn:aws-cn:iam::123456789012:role/ops/a/web",
            RoleReference("web", "/ops/a/", "123456789012", "aws-cn"),
            id="ARN with path in China",
        ),
        pytest.param("w" * 64, RoleReference("w" * 64), id="longest"),
    ],
)
def test_ways_to_write_a_role(text, reference):
    assert iam_names.parse_role("role", text) == reference


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "arn:aws:iam::123456789012:user/web",
            "role: 'arn:aws:iam::123456789012:user/web' is not the ARN of an IAM role. Write one such as",
        ),
        (
            "arn:aws:iam::123456789012:instance-profile/web",
            "role: 'arn:aws:iam::123456789012:instance-profile/web' is not the ARN of",
        ),
        ("arn:aws:iam::1234:role/web", "role: 'arn:aws:iam::1234:role/web' is not the ARN of an IAM role"),
        ("arn:aws:iam::123456789012:role/", "role: 'arn:aws:iam::123456789012:role/' is not the ARN of an IAM role"),
        (
            "arn:aws:iam:us-east-1:123456789012:role/web",
            "role: 'arn:aws:iam:us-east-1:123456789012:role/web' is not the ARN of an",
        ),
        ("arn:aws:iam::123456789012:role/we b", "role: 'we b' has characters that IAM refuses"),
        ("", "role: '' has 0 characters; IAM takes 1 to 64."),
        ("/ops/", "role: '' has 0 characters; IAM takes 1 to 64."),
        ("w" * 65, f"role: '{'w' * 65}' has 65 characters; IAM takes 1 to 64."),
        ("we b", "role: 'we b' has characters that IAM refuses"),
        ("ops/we:b", "role: 'we:b' has characters that IAM refuses"),
        ("o ps/web", "role: '/o ps/' has characters that IAM refuses"),
        ("//web", "role: '//' has characters that IAM refuses"),
        ("ops//web", "role: '/ops//' has characters that IAM refuses"),
    ],
)
def test_what_is_no_role(text, message):
    with pytest.raises(InvalidOption) as raised:
        iam_names.parse_role("role", text)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    "text",
    ["web", "/ops/web", "ops/web", "arn:aws:iam::123456789012:role/ops/web"],
)
def test_a_role_is_the_same_however_it_is_written(text):
    iam_names.parse_role("role", text).check("role", ROLE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "/web",
            "role: the role 'web' has the path '/ops/' (arn:aws:iam::123456789012:role/ops/web), not '/'. Correct the path",
        ),
        ("arn:aws:iam::123456789012:role/dev/web", "role: the role 'web' has the path '/ops/' "),
        ("arn:aws:iam::210987654321:role/ops/web", "role: the role 'web' has the account '123456789012' "),
        ("arn:aws-cn:iam::123456789012:role/ops/web", "role: the role 'web' has the partition 'aws' "),
    ],
    ids=["path", "path in ARN", "account", "partition"],
)
def test_another_role_of_the_same_name(text, message):
    with pytest.raises(MissingReference) as raised:
        iam_names.parse_role("role", text).check("role", ROLE)
    assert raised.value.message.startswith(message)
    assert raised.value.message.endswith("No changes were made.")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("web", "web"),
        ("arn:aws:iam::123456789012:instance-profile/web", "web"),
        ("arn:aws-us-gov:iam::123456789012:instance-profile/a/b/web", "web"),
    ],
)
def test_ways_to_write_an_instance_profile(text, name):
    assert iam_names.instance_profile_name("instance_profile_name", text) == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "arn:aws:iam::123456789012:role/web",
            "instance_profile_name: 'arn:aws:iam::123456789012:role/web' is not the ARN of an instance",
        ),
        ("a/web", "instance_profile_name: 'a/web' has characters that IAM refuses"),
        ("", "instance_profile_name: '' has 0 characters; IAM takes 1 to 128."),
    ],
)
def test_what_is_no_instance_profile(text, message):
    with pytest.raises(InvalidOption) as raised:
        iam_names.instance_profile_name("instance_profile_name", text)
    assert raised.value.message.startswith(message)


def test_tags_become_text():
    tags = {"Application": "web", "Number": 1, 2: True, "Empty": None, "Größe": "a:b/c=d+e-f@g h"}
    expected = {"Application": "web", "Number": "1", "2": "True", "Empty": "", "Größe": "a:b/c=d+e-f@g h"}
    assert iam_names.check_tags("tags", tags) == expected


@pytest.mark.parametrize(
    "tags",
    [{f"k{number}": "v" for number in range(50)}, {"k" * 128: "v" * 256}, {}],
    ids=["fifty", "longest", "none"],
)
def test_tags_that_iam_takes(tags):
    assert iam_names.check_tags("tags", tags) == tags


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        pytest.param(
            {f"k{number}": "v" for number in range(51)}, "tags: 51 tags are given; AWS takes at most 50.", id="51"
        ),
        pytest.param(
            {"aws:cloudformation:stack": "x"},
            "tags: the key 'aws:cloudformation:stack' begins with 'aws:', which AWS",
            id="aws:",
        ),
        pytest.param(
            {"AWS:x": "x"},
            "tags: the key 'AWS:x' begins with 'aws:', which AWS keeps for itself. Choose another",
            id="AWS:",
        ),
        pytest.param(
            {"Owner": "a", "owner": "b"},
            "tags: the keys 'Owner' and 'owner' differ in case only, and IAM takes one",
            id="case",
        ),
        pytest.param({"": "x"}, "tags: the key '' has 0 characters; AWS takes 1 to 128.", id="empty key"),
        pytest.param(
            {"k" * 129: "x"}, f"tags: the key '{'k' * 129}' has 129 characters; AWS takes 1 to 128.", id="long key"
        ),
        pytest.param(
            {"k": "v" * 257}, "tags: the value of 'k' has 257 characters; AWS takes at most 256.", id="long value"
        ),
        pytest.param(
            {"k;": "v"},
            "tags: 'k;: v' has characters that IAM refuses. Use letters, digits, blanks and _.:",
            id="key",
        ),
        pytest.param({"k": "v\n"}, "tags: 'k: v\n' has characters that IAM refuses", id="value"),
    ],
)
def test_tags_that_iam_refuses(tags, message):
    with pytest.raises(InvalidOption) as raised:
        iam_names.check_tags("tags", tags)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize("for_ec2", [False, True], ids=["IAM", "EC2"])
@pytest.mark.parametrize(
    ("tags", "message"),
    [
        pytest.param({"Roles": ["web", "db"]}, "tags: the value of 'Roles' is a list. Tags have text", id="list"),
        pytest.param({"Roles": []}, "tags: the value of 'Roles' is a list. Tags have text", id="empty list"),
        pytest.param(
            {"Meta": {"a": "b"}}, "tags: the value of 'Meta' is a dictionary. Tags have text", id="dictionary"
        ),
    ],
)
def test_tags_that_are_not_text_are_refused(tags, message, for_ec2):
    with pytest.raises(InvalidOption) as raised:
        iam_names.check_tags("tags", tags, for_ec2=for_ec2)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize("text", ["", "a" * 1000, "Größe <&>\t1\r\n2~¡ÿ"], ids=["empty", "longest", "all characters"])
def test_descriptions_that_iam_takes(text):
    assert iam_names.check_description("description", text) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "a" * 1001, "description: the text has 1001 characters; IAM takes at most 1000. Shorten", id="long"
        ),
        pytest.param(
            "a € b … €",
            "description: IAM refuses the characters '€…'. Remove them: it takes Latin-1",
            id="beyond Latin-1",
        ),
        pytest.param("a\u00a0b", r"description: IAM refuses the characters '\xa0'.", id="no-break space"),
        pytest.param("a\x00\x7f", r"description: IAM refuses the characters '\x00\x7f'.", id="control characters"),
    ],
)
def test_descriptions_that_iam_refuses(text, message):
    with pytest.raises(InvalidOption) as raised:
        iam_names.check_description("description", text)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    ("name", "other", "same"), [("web", "web", True), ("S-Case", "s-case", True), ("a", "b", False)]
)
def test_same_name(name, other, same):
    assert iam_names.same_name(name, other) == same


@pytest.mark.parametrize(
    ("wanted", "warning"),
    [
        ("s-case", None),
        (
            "S-Case",
            "IAM role 's-case': the name is given as 'S-Case', and IAM ignores letter case. Write it as 's-case'.",
        ),
    ],
)
def test_case_warning(wanted, warning):
    assert iam_names.case_warning("IAM role", wanted, "s-case") == warning
