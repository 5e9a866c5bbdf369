"""The commands of the payments app, the gateway as a process of its own."""

import json
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from django.core.management import call_command

from monolith.payments.factories import PaymentFactory

ROOT = Path(__file__).resolve().parents[3]


def run_gateway(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "fake_gateway", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def authorize(url: str) -> dict:
    return requests.post(
        f"{url}/charges",
        json={"amount": 500, "currency": "EUR", "token": "tok_visa"},
        headers={"Idempotency-Key": "once"},
        timeout=5,
    ).json()


def test_the_gateway_process_keeps_its_books_over_a_restart(tmp_path):
    ledger = str(tmp_path / "ledger.sqlite3")
    answers = []
    for _ in range(2):
        process = run_gateway("--port", "0", "--ledger", ledger)
        try:
            url = process.stdout.readline().split()[-1]
            answers.append(authorize(url))
            charges = requests.get(f"{url}/charges", timeout=5).json()["charges"]
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")
    assert answers[0] == answers[1]
    assert len(charges) == 1


def test_a_port_in_use_is_said_in_one_line(gateway):
    port = gateway.url.rsplit(":", 1)[1]
    process = run_gateway("--port", port)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.startswith(f"CommandError: cannot listen on 127.0.0.1:{port}")
    assert "Traceback" not in errors


def test_reconcile_finds_a_payment_that_is_not_for_the_total(db, capsys):
    PaymentFactory()
    call_command("reconcile_payments")
    assert capsys.readouterr().out == "0 orders with a wrong amount\n"
    wrong = PaymentFactory(amount=Decimal("1.00"), order__user__email="bo@example.com")
    with pytest.raises(SystemExit) as leaving:
        call_command("reconcile_payments", "--json")
    assert leaving.value.code == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "order": wrong.order.number,
            "customer": "bo@example.com",
            "total": "20.00",
            "paid": "1.00",
        }
    ]
