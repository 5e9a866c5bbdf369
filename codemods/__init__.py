"""Find every place where one context of a Django monolith touches another's data, and rewrite it.

project    the model graph, read under the monolith's own interpreter
crossings  FLOW a source file: discover -> infer -> find -> classify -> report, ledger
cli        one file per command
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("strangler")
except PackageNotFoundError:  # run from a plain checkout
    __version__ = "0"
