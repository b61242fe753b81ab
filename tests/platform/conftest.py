import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def open_dir():
    """A directory that every account can enter (pytest's own cannot), as most are."""
    directory = Path(tempfile.mkdtemp(prefix="cornerstone platform ", dir="/tmp"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)
