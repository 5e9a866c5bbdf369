"""What the command does when the suite fails, crashes, is killed, or never reaches Django."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.codemods.trace import teamshop
from tests.codemods.trace.runs import REPOSITORY, TIMEOUT_S, Run, trace, without_django

SCRIPT = """
    import os, signal, sys
    os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
    import django
    django.setup()
    import ending
    ending.run(sys.argv[1])
    """
ENDING = """
    import multiprocessing, os, signal, sys
    from shop import code

    def child():
        code.joined()

    def run(how):
        code.counted()
        if how == "exits at once":
            os._exit(3)
        if how == "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "raises":
            raise RuntimeError("crash")
        if how == "forks":
            process = multiprocessing.get_context("fork").Process(target=child)
            process.start()
            process.join()
        if how == "spawns":
            os.execv(sys.executable, [sys.executable, "again.py"])
    """
AGAIN = """
    import os
    os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
    import django
    django.setup()
    from shop import code
    code.joined()
    """


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = teamshop.write(
        tmp_path_factory.mktemp("scripted"),
        **{"script.py": SCRIPT, "ending.py": ENDING, "again.py": AGAIN},
    )
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=root, env=without_django(), check=True, timeout=TIMEOUT_S)
    return root


@pytest.mark.parametrize(
    ("how", "status", "also"),
    [
        ("exits at once", 3, []),
        ("is killed", 128 + 9, []),
        ("raises", 1, []),
        ("forks", 0, ["join"]),
        ("spawns", 0, ["join"]),
    ],
)
def test_what_ran_is_kept_however_the_process_ends(
    scripted: Path, how: str, status: int, also: list[str]
) -> None:
    run = trace(scripted, "python", "script.py", how)
    assert run.status == status, run.stderr
    assert [site["count"] for site in run.at("aggregate")] == [1]
    for name in also:
        assert [site["count"] for site in run.at(name)] == [1]
    assert run.json["status"] == status


def test_failing_tests_give_their_status_and_a_whole_trace(by_pytest: Run, tmp_path: Path) -> None:
    failing = """
        from django.test import TestCase
        class FailingTest(TestCase):
            def test_wrong(self):
                from shop import code
                code.counted()
                assert False
        """
    root = teamshop.write(tmp_path, **{"tests/test_failing.py": failing})
    run = trace(root, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert run.status == 1
    assert "1 failed, 17 passed" in run.stderr
    assert {place[:3] for place in run.places()} == {place[:3] for place in by_pytest.places()}
    assert [site["count"] for site in run.at("aggregate")] == [2]


def test_the_environments_own_sitecustomize_still_runs(scripted: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos.environ['CUSTOMIZED'] = __file__\n")
    code = "import os, sys, sitecustomize; print(os.environ['CUSTOMIZED'], sitecustomize.__file__)"
    code += "; print(any('inject' in folder for folder in sys.path)); import again"
    run = trace(scripted, "python", "-c", code, PYTHONPATH=f"{tmp_path}:{scripted}")
    own = str(tmp_path / "sitecustomize.py")
    assert f"{own} {own}\nFalse\n" in run.stderr
    assert run.status == 0


def test_the_text_passes_the_commands_output_through(scripted: Path) -> None:
    run = trace(scripted, "python", "-c", "print('hello'); import again", options=())
    assert run.status == 0
    assert run.stdout.startswith("hello\n")
    assert "1 sites reach another context's tables" in run.stdout
    assert "shop" in run.stdout
    assert "people" in run.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no command given"),
        (("no-such-command",), "no-such-command: no such command"),
        (("python", "-c", "print(1)"), "no line of"),
        (("python", "-I", "-c", "print(1)"), "PYTHONPATH"),
    ],
)
def test_what_cannot_be_traced_is_said_and_exits_2(
    scripted: Path, words: tuple[str, ...], said: str
) -> None:
    run = trace(scripted, *words)
    assert run.status == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_a_file_that_cannot_be_written_is_said(scripted: Path) -> None:
    out = scripted / "manage.py" / "trace.json"
    run = trace(scripted, "python", "again.py", options=("--out", str(out)))
    assert run.status == 2
    assert f"{out}: cannot be written" in run.stderr


def test_an_interpreter_that_is_not_there_is_said(scripted: Path) -> None:
    run = trace(scripted, "python", "again.py", options=("--python", "/no/such/python"))
    assert run.status == 2
    assert "--python /no/such/python: no such interpreter" in run.stderr


def test_the_command_finds_the_programs_beside_the_interpreter(scripted: Path) -> None:
    code = "import sys; print('ran by', sys.executable); import again"
    run = trace(scripted, "python", "-c", code)
    assert f"ran by {Path(sys.executable).parent}/python" in run.stderr


def test_a_trace_written_twice_is_the_same_but_for_the_command(scripted: Path) -> None:
    first = trace(scripted, "python", "again.py").out.read_text()
    second = trace(scripted, "python", "again.py").out.read_text()
    assert first == second
    assert json.loads(first)["command"] == ["python", "again.py"]


def test_ctrl_c_stops_the_suite_and_keeps_what_it_did(scripted: Path) -> None:
    code = "import again, time; print('ready', flush=True); [time.sleep(0.05) for _ in range(999)]"
    words = ["--root", str(scripted), "--no-cache", "--python", sys.executable, "--json", "--"]
    with subprocess.Popen(
        [sys.executable, "-m", "codemods", "trace", *words, "python", "-c", code],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 128 + signal.SIGINT, stderr
    assert json.loads(stdout)["sites"] == 1
