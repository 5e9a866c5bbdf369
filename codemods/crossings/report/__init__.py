"""Show crossings: text for people, SARIF and GitHub annotations for machines, one HTML page.

Survey ─> text.render | sarif.render | github.render | page.render  (pure: crossings in, text out)
"""
