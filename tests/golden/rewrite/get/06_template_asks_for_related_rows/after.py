from clients import users_client
from django.shortcuts import get_object_or_404, render
from strangler.client.shortcuts import get_or_404
from users.models import Profile


def page(request, pk):
    profile = get_object_or_404(Profile, pk=pk)
    return render(request, "profile.html", {"profile": profile})


def points(request, pk):
    profile = get_or_404(users_client.get_profile, id=pk)
    return render(request, "profile.html", {"points": profile.points})
