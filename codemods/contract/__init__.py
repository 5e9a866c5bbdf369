"""What a service offers, derived from how its callers call: the contract.

    calls ─> operations.Operation ─> naming.named (one name per shape; nouns, types)  ─┐
    reads ─> values.draw (columns, relations; members that are cheap: members, purity) ┤
                                                                                       v
                                          build.build ─> operations.Contract (frozen, sorted)
                                              ├─> openapi    a document, and back
                                              ├─> client     a package: operations, value_classes
                                              └─> provider   the same operations over the ORM
                                                             (python_types, wording, layout)

A function of the owner that is called:

    annotations ─> function_kinds ─┐
    its code ─> function_bodies ───┴> functions.Signature ─> calling ─> Operation (CALL)
    what it raises ─> error_classes ─> Failure ─> the client's errors

A contract that changes:

    document before, now ─> compat_offer, compat_shapes ─> compat (compat_fit) ─> changes, uses
                                                         compat_sites (lines) ─> compat_report
    document ─> conventions ─> departures from the one shape of all services (error_answers)

`place` says where the files go, `managers` which of a model's managers gives every row. Each
distinct shape of call is one named operation; the name says the shape, so the same shape asked for
in two files is the same operation.
"""
