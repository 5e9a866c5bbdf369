from django.shortcuts import get_object_or_404, render
from users.models import Profile


def page(request, pk):
    profile = get_object_or_404(Profile, pk=pk)
    return render(request, "profile.html", {"profile": profile})


def points(request, pk):
    profile = get_object_or_404(Profile, pk=pk)
    return render(request, "profile.html", {"points": profile.points})
