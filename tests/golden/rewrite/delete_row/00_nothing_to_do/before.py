from shop.models import Order


def own(pk, client):
    client.delete("/")
    order = Order.objects.get(pk=pk)
    order.delete()
