"""What a service offers, derived from how its callers call: the contract.

    transforms ask for operations ─> operations.Contract (frozen, merged) ─> openapi (OpenAPI 3.1)
                                                                         ├─> client (a package)
                                                                         └─> provider (over the ORM)

Each distinct shape of call is one named operation; the name says the shape, so the same shape asked
for in two files is the same operation.
"""
