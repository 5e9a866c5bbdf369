from django.shortcuts import get_object_or_404
from users.models import Profile, Receipt


def _found(pk):
    return get_object_or_404(Profile, pk=pk)


def forget(pk, number):
    profile = _found(pk)
    if profile.points:
        return
    profile.delete()
    Receipt.objects.filter(number=number).count()


def one_of_two(pk, other):
    receipt = Receipt.objects.get(pk=pk)
    if receipt.number:
        receipt = Receipt.objects.get(pk=other)
    receipt.delete()
