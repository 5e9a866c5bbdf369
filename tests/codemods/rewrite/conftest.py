import shutil

import pytest

from tests.codemods.rewrite import smallshop


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    """The small shop, committed; tests work on copies."""
    root = tmp_path_factory.mktemp("pristine") / "project"
    root.mkdir()
    smallshop.write(root)
    smallshop.commit(root)
    return root


@pytest.fixture
def shop(pristine, tmp_path):
    root = tmp_path / "project"
    shutil.copytree(pristine, root)
    return root


@pytest.fixture(scope="session")
def rewritten(pristine, tmp_path_factory):
    """The small shop after `rewrite --write`, and what that printed."""
    root = tmp_path_factory.mktemp("rewritten") / "project"
    shutil.copytree(pristine, root)
    assert smallshop.codemods(root, "check", "--write-ledger").returncode == 0
    smallshop.git(root, "add", "-A")
    smallshop.git(root, "commit", "-qm", "ledger")
    done = smallshop.rewrite(root, "--write", "--json")
    return root, done
