"""The products service: the shop's catalogue, with its own process and its own database.

FLOW  a request -> urls -> products.apis -> products.selectors -> products.serializers -> answer
                                               │ products_* tables, and replicas of what
                                               └ users and orders know (replicas)

identity asks the monolith who a credential belongs to; common holds what every API here
shares: the error shape, pages, probes.
"""
