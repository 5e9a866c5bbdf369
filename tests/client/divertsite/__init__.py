"""A small project whose `shop` reads `people` through a generated client.

Its suites are unittest only, so that they also run where neither pytest nor this repository's
requirements are installed: `python -m tests.client.divertsite [suite ...]`, on Python 3.8 and
Django 3.2 and newer.
"""
