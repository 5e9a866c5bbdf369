"""Find every place where one context of a Django monolith touches another's data, and rewrite it.

project    the model graph, read under the monolith's own interpreter
crossings  FLOW a source file: discover -> infer -> find -> classify -> report, ledger
rewrite    FLOW a source file, its second half: transforms propose -> plan -> apply -> write
extract    FLOW a service: prepare -> close -> describe -> glue, migrations -> merge -> write
cli        one file per command
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("strangler")
except PackageNotFoundError:  # run from a plain checkout
    __version__ = "0"
