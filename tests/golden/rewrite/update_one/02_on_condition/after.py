from clients import users_client
from users.models import Profile, User


def lock(user: User, points):
    taken = users_client.update_profile_by_id_and_points_setting_points(
        id=3, points=points, set_points=points + 1
    )
    users_client.update_profile_by_user_id_setting_points(user_id=user.pk, points=0)
    Profile.objects.exclude(pk=3).update(points=0)
    return taken
