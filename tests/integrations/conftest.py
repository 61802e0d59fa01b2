import sysconfig
from pathlib import Path

import pytest

# What would hide that planner was installed: the planner of this tree, its path files, and pip itself.
_KEPT_BACK = ("planner", "_planner", "__editable__", "pip", "distutils-precedence", "__pycache__")


@pytest.fixture(scope="session")
def borrowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH that lends what the locks pin to a new environment, so that pip need not ask an index."""
    folder = tmp_path_factory.mktemp("borrowed")
    for place in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(place).iterdir():
            if not entry.name.startswith(_KEPT_BACK) and entry.suffix != ".pth":
                (folder / entry.name).symlink_to(entry)
    return folder
