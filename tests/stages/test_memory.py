"""A process that loads keeps what it frees."""

import platform
import subprocess
import sys

import pytest

KEEPS = """
import pyarrow as pa
from hub.memory import keep_freed_memory
assert keep_freed_memory() and keep_freed_memory()
assert pa.default_memory_pool().backend_name == "system"
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc takes such wishes")
def test_the_c_library_heeds_how_memory_is_to_be_held() -> None:
    subprocess.run([sys.executable, "-c", KEEPS], check=True)
