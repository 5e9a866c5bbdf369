#!/usr/bin/env python
"""Runs the orders service's commands: `migrate`, `check`, `test` and the rest."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main():
    """Run the command; a broken environment is told in one line, with exit code 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orders_service.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
