"""The demonstration: one endpoint of a live shop moved out and back, with what was seen.

FLOW  processes    monolith, gateway, products service, proxy: started, stopped in reverse
      visitors     who asks for what -> traffic: through the proxy, at a rate -> samples  (pure)
      lifting      the services, made of a copy of the monolith by `codemods extract`
      stages       the way out and back, one function for each step
      comparison   a clean shadow, a faulty release found, rollback, repair
        commands   run and shown as a user types them; parity reads what the report says
      summary      claims -> the last table and the exit status

Run it with `make demo`, or `python -m tests.demo [--quick] [--keep]`. Only public commands and
HTTP are used; nothing here looks inside a process.
"""
