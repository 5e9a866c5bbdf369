"""Proof of the documentation: its commands run, its output is real, its tables are generated.

README.md, docs/*.md
   blocks      markdown -> console blocks and generated parts     (pure)
   session     run the commands of a block in a scratch folder    -> real output
   generated   the command table and the policy table             (from the code itself)
   check       compare, or write with --write
"""
