"""What each expression of a file is, and which crossings that makes.

    definitions ─> walker (scopes) ─> statements ─> expressions ─> attributes
                        │                               └─> calls ─> apply, querysets, library,
                    functions, classes, declarations              framework, containers, builtin

The walker reads a file with the facts that other files told so far, records crossings in
`findings`, and tells facts of its own; `rounds` repeats that until nothing new is told. The
standard library's `ast` reads the text: a parse by libcst with its position metadata takes 40 times
as long and keeps the memory of a monolith's worth of trees busy. Positions of both agree, so a
transform finds its libcst node by the crossing's place.
"""
