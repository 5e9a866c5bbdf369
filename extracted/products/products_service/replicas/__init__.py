"""Copies of what other contexts know and the catalogue's answers need; never written by hand.

FLOW  users_user.first_name, last_name -> UserName.public_name -> a review's author
      orders_orderline.quantity        -> UnitsSold.units      -> a product's units sold

`manage.py import_products` fills them; a copy is as fresh as the last import.
"""
