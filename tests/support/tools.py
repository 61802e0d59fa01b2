"""Tools that tests need: absent on a developer's machine they skip the test, in CI they fail it."""

import os
import shutil

import pytest

_INSTALL = {
    "skopeo": "apt-get install skopeo, or brew install skopeo",
    "docker-registry": "apt-get install docker-registry",
    "chromium": "apt-get install chromium",
    "openssl": "apt-get install openssl, or brew install openssl",
    "rg": "apt-get install ripgrep, or brew install ripgrep",
    "zstd": "apt-get install zstd, or brew install zstd",
    "zsh": "apt-get install zsh",
    "fish": "apt-get install fish, or brew install fish",
    "mandoc": "apt-get install mandoc",
}


def require_tool(*names: str) -> str:
    """Return the path of the first of `names` that is installed.

    Without any of them the running test is skipped with a reason, or fails where the environment has CI=true,
    so that a pipeline never passes because it could not test.
    """
    for name in names:
        if found := shutil.which(name):
            return found
    return missing(f"{' or '.join(names)} is not installed ({_INSTALL.get(names[0], 'see CONTRIBUTING.md')})")


def missing(reason: str) -> str:
    """Skip the running test for want of something outside the repository; fail it in CI. Never returns."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"CI=true and {reason}", pytrace=False)
    pytest.skip(reason)
