# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Drives a headless Chromium by the WebDriver protocol: https://www.w3.org/TR/webdriver2/."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import shutil
import subprocess
import urllib.request

# The packages of Debian that bring them are chromium and chromium-driver.
BROWSERS, DRIVER = ("chromium", "chromium-browser", "google-chrome"), "chromedriver"
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def browser_path():
    """Return the path of a browser, or None if it or its driver is not installed."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found if shutil.which(DRIVER) else None


class Browser:
    """A session of a browser.

    :param url: of the session.
    """

    def __init__(self, url):
        self._url = url

    def command(self, path, method="POST", **arguments):
        """Send a command and return its value."""
        content = json.dumps(arguments).encode() if method == "POST" else None
        request = urllib.request.Request(f"{self._url}/{path}".rstrip("/"), data=content, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, path):
        self.command("url", url=path.as_uri())

    def run(self, script, *arguments):
        """Return what a script returns."""
        return self.command("execute/sync", script=f"return {script}", args=list(arguments))

    def press(self, *keys):
        """Press keys one after the other, where the focus is."""
        presses = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.command("actions", actions=[{"type": "key", "id": "keyboard", "actions": presses}])

    def devtools(self, command, **arguments):
        return self.command("goog/cdp/execute", cmd=command, params=arguments)

    def size(self, width, height, mobile=False):
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile
        )

    def media(self, media="screen", scheme="light"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", media=media, features=features)

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.command("screenshot", method="GET")))


@contextlib.contextmanager
def running(path):
    """Yield a :class:`Browser`.

    :param path: of the browser.
    """
    with subprocess.Popen(
        [shutil.which(DRIVER), "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as driver:
        try:
            lines = iter(driver.stdout.readline, "")
            port = next(match[1] for match in map(re.compile(r"successfully on port (\d+)").search, lines) if match)
            options = {"binary": path, "args": list(ARGUMENTS)}
            wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
            session = Browser(f"http://127.0.0.1:{port}").command("session", capabilities=wanted)
            browser = Browser(f"http://127.0.0.1:{port}/session/{session['sessionId']}")
            yield browser
            browser.command("", method="DELETE")
        finally:
            driver.terminate()
            driver.stdout.close()
