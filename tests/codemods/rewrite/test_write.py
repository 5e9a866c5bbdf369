"""Files stay whole whenever a write ends, and the next run completes it."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from codemods.errors import CodemodsError
from codemods.rewrite import write

CONTENTS = {f"package/part{n}.py": f"after {n}\n".encode() * 1000 for n in range(20)}
STAGED = write.STAGED
BEFORE = b"before\n" * 1000


@pytest.fixture
def root(tmp_path):
    (tmp_path / "package").mkdir()
    for path in list(CONTENTS)[:15]:
        (tmp_path / path).write_bytes(BEFORE)
    return tmp_path


def files(root):
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_all_is_written_and_nothing_left_behind(root):
    (root / "package/part0.py").chmod(0o750)
    write.write_all(root, CONTENTS)
    assert files(root) == CONTENTS
    assert (root / "package/part0.py").stat().st_mode & 0o777 == 0o750


def test_a_linked_file_is_written_where_it_is(root):
    (root / "real.py").write_bytes(BEFORE)
    (root / "package/link.py").symlink_to("../real.py")
    write.write_all(root, {"package/link.py": b"after\n"})
    assert (root / "package/link.py").is_symlink()
    assert (root / "real.py").read_bytes() == b"after\n"


def test_what_cannot_be_staged_changes_nothing(root):
    before = files(root)
    (root / "file").write_bytes(b"")
    with pytest.raises(CodemodsError, match="Nothing was changed"):
        write.write_all(root, {**CONTENTS, "file/below.py": b"x"})
    assert files(root) == before | {"file": b""}


DYING = """
    import os, signal, sys
    from pathlib import Path
    from codemods.rewrite import write
    sys.path.insert(0, {here!r})
    from test_write import CONTENTS
    left = int(sys.argv[1])

    def counting(function):
        def counted(self, *args, **kwargs):
            global left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), getattr(signal, sys.argv[2]))
            return function(self, *args, **kwargs)
        return counted

    Path.replace, Path.open = counting(Path.replace), counting(Path.open)
    write.write_all(Path({root!r}), CONTENTS)
"""


def end_after(root, steps, how):
    code = textwrap.dedent(DYING).format(root=str(root), here=str(Path(__file__).parent))
    return subprocess.run(
        [sys.executable, "-c", code, str(steps), how],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("steps", [0, 1, 2, 10, 20, 21, 22, 23, 30, 41])
def test_killed_anywhere_every_file_is_whole_and_the_next_run_completes(root, steps):
    done = end_after(root, steps, "SIGKILL")
    assert done.returncode == -signal.SIGKILL, done.stderr
    found = files(root)
    for path, after in CONTENTS.items():
        assert found.get(path) in (BEFORE, after, None)
    began = write.is_interrupted(root)
    recovered = write.recover(root)
    assert not began or recovered.completed
    assert not any(STAGED in path for path in files(root))
    write.write_all(root, CONTENTS)
    assert files(root) == CONTENTS


@pytest.mark.parametrize("steps", [0, 5, 20, 22, 30])
def test_interrupted_it_is_all_or_nothing(root, steps):
    before = files(root)
    done = end_after(root, steps, "SIGINT")
    assert "KeyboardInterrupt" in done.stderr
    assert files(root) in (before, CONTENTS)


def test_a_journal_whose_staged_text_is_gone_is_told(root):
    assert end_after(root, 30, "SIGKILL").returncode == -signal.SIGKILL
    for path in root.rglob(f"*{STAGED}"):
        path.unlink()
    with pytest.raises(CodemodsError, match="cannot be completed for package/part"):
        write.recover(root)
    assert not write.is_interrupted(root)
