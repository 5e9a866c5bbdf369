"""Write what a Django project knows about itself as JSON: `python probe.py OUT ROOT`.

Run as a file under the monolith's own interpreter, with its working directory and
DJANGO_SETTINGS_MODULE; `inside` beside it does the work. The answer goes to the file OUT, so what
the project prints disturbs nobody.
"""

import importlib
import importlib.util
import os
import sys

NAME = "_codemods_probe"


def load():
    """Import `inside` by its path, under a name that no project has."""
    folder = os.path.join(os.path.dirname(os.path.realpath(__file__)), "inside")
    spec = importlib.util.spec_from_file_location(
        NAME, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)
    return importlib.import_module(NAME + ".probe")


if __name__ == "__main__":
    load().main(sys.argv[1], sys.argv[2])
