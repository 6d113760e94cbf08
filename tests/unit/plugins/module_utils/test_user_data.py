# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import base64
import hashlib

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.launch import user_data
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData

SCRIPT = "#!/bin/sh\necho größer\n"


@pytest.mark.parametrize(
    ("params", "content"),
    [
        pytest.param({}, None, id="not set"),
        pytest.param({"user_data": None, "user_data_base64": None, "user_data_path": None}, None, id="null"),
        pytest.param({"user_data": ""}, b"", id="empty"),
        pytest.param({"user_data": SCRIPT}, SCRIPT.encode("utf-8"), id="plain"),
        # A byte that is not UTF-8 reaches the module as a surrogate.
        pytest.param({"user_data": "a\udcffb"}, b"a\xffb", id="undecodable byte"),
        pytest.param({"user_data_base64": ""}, None, id="empty base64 is unset"),
        pytest.param({"user_data_path": ""}, None, id="empty path is unset"),
        pytest.param({"user_data": "x", "user_data_base64": "", "user_data_path": ""}, b"x", id="plain beside empty"),
        pytest.param({"user_data": "", "user_data_base64": "eA=="}, b"x", id="base64 beside empty"),
        pytest.param({"user_data": "", "user_data_base64": ""}, b"", id="all empty"),
        pytest.param({"user_data_base64": "AP8="}, b"\x00\xff", id="base64"),
        pytest.param({"user_data_base64": "AP\n 8=\n"}, b"\x00\xff", id="base64 in lines"),
    ],
)
def test_from_params(params, content):
    found = user_data.from_params(params, 16383)
    assert (None if found is None else found.content) == content


def test_file_is_taken_as_it_is(tmp_path):
    path = tmp_path / "user-data.gz"
    path.write_bytes(b"\x1f\x8b\r\n\x00")
    assert user_data.from_params({"user_data_path": str(path)}, 16383).content == b"\x1f\x8b\r\n\x00"


def test_file_that_is_not_there(tmp_path):
    path = str(tmp_path / "nothing")
    with pytest.raises(InvalidOption) as raised:
        user_data.from_params({"user_data_path": path}, 16383)
    assert raised.value.message == (
        f"user_data_path: '{path}' cannot be read: No such file or directory. It is read on the host that runs the module."
    )


@pytest.mark.parametrize("text", ["not base64!", "AAA", "ÄÖÜ=", "QUJD$"], ids=["blanks", "padding", "accents", "sign"])
def test_what_is_not_base64(text):
    with pytest.raises(InvalidOption) as raised:
        user_data.from_params({"user_data_base64": text}, 16383)
    assert raised.value.message == "user_data_base64: the value is not base64. Encode it, or use user_data for text."
    assert raised.value.__cause__ is None


def given(option, content, tmp_path):
    """The parameters that give these bytes by an option."""
    if option == "user_data":
        return {option: content.decode("ascii")}
    if option == "user_data_base64":
        return {option: base64.b64encode(content).decode("ascii")}
    path = tmp_path / "user-data"
    path.write_bytes(content)
    return {option: str(path)}


@pytest.mark.parametrize("option", ["user_data", "user_data_base64", "user_data_path"])
def test_largest(option, tmp_path):
    found = user_data.from_params(given(option, b"u" * 16383, tmp_path), 16383)
    assert found.size == 16383
    assert len(found.encoded) <= 21847


@pytest.mark.parametrize("option", ["user_data", "user_data_base64", "user_data_path"])
@pytest.mark.parametrize("size", [16384, 16385])
def test_too_large(option, size, tmp_path):
    with pytest.raises(InvalidOption) as raised:
        user_data.from_params(given(option, b"u" * size, tmp_path), 16383)
    assert raised.value.message == (
        f"{option}: the user data has {size} bytes; AWS takes at most 16383 before encoding. "
        "Compress it, or keep it elsewhere and let a short script fetch it."
    )


def test_size_counts_bytes_and_not_letters():
    with pytest.raises(InvalidOption, match="has 16384 bytes"):
        user_data.from_params({"user_data": "é" * 8192}, 16383)


def test_shown_by_digest_and_size():
    digest = hashlib.sha256(b"secret").hexdigest()
    shown = UserData(b"secret")
    assert (shown.sha256, shown.size, shown.encoded) == (digest, 6, "c2VjcmV0")
    assert str(shown) == f"6 bytes, sha256 {digest}"
    assert repr(shown) == f"UserData(sha256='{digest}', size=6)"


def test_none_is_shown_as_none():
    assert (UserData(b"").sha256, UserData(b"").size, str(UserData(b""))) == ("", 0, "none")


def test_plain_and_encoded_are_equal():
    assert user_data.from_params({"user_data": SCRIPT}, 16383) == user_data.from_base64(
        UserData(SCRIPT.encode()).encoded
    )
